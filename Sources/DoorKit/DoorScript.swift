import FrontDoor
import NIOCore
import NIOEmbedded

/// One client's and one service's story, told in bytes, played through the front door's own connections; then judged.
///
/// Bytes up to 0xEF are what somebody sends. The rest are steps, so that any bytes are a story and a fuzzer can write it.
package struct DoorScript {
    package enum Step: UInt8, CaseIterable, Sendable {
        /// What follows comes from the client.
        case client = 0xF0
        /// What follows comes from the service, on its newest connection.
        case service = 0xF1
        /// What was said so far arrives; what follows comes in another segment.
        case segment = 0xF2
        case clientEnds = 0xF3
        case clientAborts = 0xF4
        case serviceEnds = 0xF5
        case serviceAborts = 0xF6
        /// The client stops taking what it is sent, or takes it again.
        case clientTakes = 0xF7
        case serviceTakes = 0xF8
        /// Connections to the service come up only when this is said, from the first time on.
        case dialed = 0xF9
        case dialRefused = 0xFA
        /// What follows comes on the service's connection before the newest.
        case olderService = 0xFB
        /// Another release takes over.
        case swap = 0xFC
        /// Half a minute passes.
        case wait = 0xFD
        /// Everything whose time can be over is over.
        case waitLong = 0xFE
    }

    /// A part of a story that a test tells.
    package enum Part: Sendable {
        case client(String)
        case service(String)
        case step(Step)
    }

    /// What came of a story.
    package struct Outcome: Sendable {
        /// As ISO 8859-1, so that each byte is a character.
        package var toClient = ""
        /// By connection, in the order of their opening.
        package var toService: [String] = []
        package var isClientClosed = false
        package var isServiceClosed: [Bool] = []
        /// Segments that wait with whoever sent them, because the front door does not read them.
        package var unread = (client: 0, service: 0)
        /// What is wrong with how the front door behaved; empty is right.
        package var problems: [String] = []
    }

    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package init(_ parts: [Part]) {
        bytes = parts.flatMap { part -> [UInt8] in
            switch part {
            case .client(let text): [Step.client.rawValue] + Self.latin(text)
            case .service(let text): [Step.service.rawValue] + Self.latin(text)
            case .step(let step): [step.rawValue]
            }
        }
    }

    private static func latin(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }

    /// Plays the story, and then lets all time pass that may pass.
    package func play() -> Outcome {
        guard let stage = try? Stage() else { return Outcome(problems: ["the stage could not be set"]) }
        stage.play(bytes)
        var outcome = stage.outcome
        stage.end()
        outcome.problems = stage.problems
        return outcome
    }
}

/// The front door, its client, and the service's connections.
private final class Stage {
    private let eventLoop = EmbeddedEventLoop()
    private let door: LoopDoor
    private let client: FakeSocket
    private let dialer: Dialer
    private var said: [UInt8] = []
    private var toService: Int?
    private var clientBytes: [UInt8] = []
    private var generation = 1
    private var now = NIODeadline.now()
    private(set) var problems: [String] = []

    init() throws {
        let dialer = Dialer(eventLoop)
        self.dialer = dialer
        door = LoopDoor(Self.configuration(1), eventLoop: eventLoop, seed: 7) { _, answer in dialer.dial(answer) }
        client = try FakeSocket(eventLoop)
        try door.accept(client.channel)
        try client.connect()
    }

    private static func configuration(_ generation: Int) -> FrontDoorConfiguration {
        FrontDoorConfiguration(
            generation: generation,
            listeners: [.init(name: "public", host: "127.0.0.1", port: 0, scope: .public)],
            routes: [.init(service: "api"), .init(path: "/none", service: "none")],
            services: [
                "api": .init(
                    releases: [
                        .init(
                            release: "r\(generation)",
                            // Another number of replicas after each swap.
                            upstreams: (0...(generation + 1) % 2).map { .init(port: 8_001 + $0, replica: "\($0)") })
                    ], maxBodyBytes: 256),
                "none": .init(releases: []),
            ],
            limits: .init(requestLineBytes: 256, headerBytes: 1_024, headerCount: 16))
    }

    // MARK: Playing

    func play(_ script: [UInt8]) {
        for byte in script {
            guard byte >= 0xF0 else {
                said.append(byte)
                continue
            }
            arrive()
            if let step = DoorScript.Step(rawValue: byte) { take(step) }
            settle()
        }
        arrive()
        settle()
    }

    /// Sends what was said to where it goes.
    private func arrive() {
        guard !said.isEmpty else { return }
        defer { said = [] }
        if let index = toService {
            if dialer.sockets.indices.contains(index) { dialer.sockets[index].send(said) }
        } else if client.isOpen {
            // What comes after the front door's last word was never asked of it.
            if !client.isOutputEnded { clientBytes += said }
            client.send(said)
        }
    }

    private func take(_ step: DoorScript.Step) {
        switch step {
        case .client: toService = nil
        case .service: toService = dialer.sockets.count - 1
        case .olderService: toService = max(0, dialer.sockets.count - 2)
        case .segment: break
        case .clientEnds: client.endInput()
        case .clientAborts: client.abort()
        case .serviceEnds: current?.endInput()
        case .serviceAborts: current?.abort()
        case .clientTakes: client.setTaking(!client.channel.isWritable)
        case .serviceTakes: if let current { current.setTaking(!current.channel.isWritable) }
        case .dialed: dialer.complete(true)
        case .dialRefused: dialer.complete(false)
        case .swap:
            generation += 1
            door.apply(Self.configuration(generation))
        case .wait: pass(.seconds(31))
        case .waitLong: pass(.hours(2))
        }
    }

    private var current: FakeSocket? { dialer.sockets[...].last }

    private func pass(_ time: TimeAmount) {
        door.tick(now: .now() + time)
    }

    /// Lets everything happen that can.
    private func settle() {
        for _ in 0..<4 {
            client.settle()
            for socket in dialer.sockets { socket.settle() }
        }
    }

    /// What there is now.
    var outcome: DoorScript.Outcome {
        DoorScript.Outcome(
            toClient: Text.latin(client.received), toService: dialer.sockets.map { Text.latin($0.received) },
            isClientClosed: client.isOutputEnded, isServiceClosed: dialer.sockets.map(\.isOutputEnded),
            unread: (client.unread, dialer.sockets.reduce(0) { $0 + $1.unread }))
    }

    // MARK: Judging

    func end() {
        for _ in 0..<3 {
            pass(.hours(2))
            settle()
        }
        judge()
        client.abort()
        dialer.complete(false)
        for socket in dialer.sockets { socket.abort() }
        settle()
        door.tick(now: .now() + .hours(4))
        settle()
        if door.held.contains(where: { $0 != 0 }) { problems.append("still counted at the end: \(door.held)") }
    }

    private func judge() {
        let sent = StrictRequests(clientBytes, isForwarded: false)
        let isClosed = client.isOutputEnded
        let got = StrictAnswers(client.received, methods: sent.requests.map { $0.start[0] }, isClosed: isClosed)
        if let problem = got.problem { problems.append("to the client: \(problem)") }
        // One that is malformed, late or above the limit of connections is answered besides.
        if got.answers.count > sent.requests.count + 1 {
            problems.append("\(got.answers.count) answers to \(sent.requests.count) requests")
        }
        if let last = got.answers.last, !last.isComplete, !isClosed, client.channel.isWritable {
            problems.append("the last answer stops and its connection does not")
        }
        for answer in got.answers.dropLast() where !answer.isComplete || answer.start[1] == "101" {
            problems.append("an answer in the middle has no end")
        }
        var next = 0
        for (number, request) in forwarded() {
            judge(request, number, sent.requests, &next)
        }
    }

    /// The requests that reached the service, in the order of their connections' opening and on each in its own order.
    private func forwarded() -> [(connection: Int, StrictMessage)] {
        dialer.sockets.enumerated().flatMap { number, socket in
            let requests = StrictRequests(socket.received, isForwarded: true)
            if let problem = requests.problem, !isTunnel(requests) {
                problems.append("to the service: \(problem)")
            }
            return requests.requests.map { (number, $0) }
        }
    }

    /// What follows a request that asked for an upgrade may be anything.
    private func isTunnel(_ requests: StrictRequests) -> Bool {
        requests.requests.last.map { !$0.tokens("upgrade").isEmpty } ?? false
    }

    /// Each request that the service read is one that the client sent, whole or, where a connection ended, its beginning.
    private func judge(_ request: StrictMessage, _ connection: Int, _ sent: [StrictMessage], _ next: inout Int) {
        let match = sent.firstIndex { Self.isPart(request, of: $0) }
        guard let match else {
            if request.fields.isEmpty || !request.isComplete && dialer.sockets[connection].isOutputEnded {
                // Its head was cut off, or its body was refused on the way: the service cannot take it for a request.
                if sent.contains(where: { Self.isSame(request, $0) }) || request.fields.isEmpty { return }
            }
            problems.append(
                "the service read what nobody sent: \(request.start) with \(request.body.count) bytes, "
                    + "complete: \(request.isComplete)")
            return
        }
        if request.isComplete, !sent[match].isComplete { problems.append("a request became complete on its way") }
        if !request.isComplete, !dialer.sockets[connection].isOutputEnded,
            dialer.sockets[connection].channel.isWritable,
            sent[match].isComplete
        {
            problems.append("the service waits for the end of a request that the client has sent")
        }
        next = match
    }

    private static func isPart(_ request: StrictMessage, of sent: StrictMessage) -> Bool {
        isSame(request, sent)
            && (request.isComplete ? request.body == sent.body : sent.body.starts(with: request.body))
    }

    private static func isSame(_ request: StrictMessage, _ sent: StrictMessage) -> Bool {
        guard request.start[0] == sent.start[0] else { return false }
        let target = sent.start[1]
        if request.start[1] == target { return true }
        // Absolute form, which is forwarded in origin form.
        for scheme in ["http://", "https://"] where target.lowercased().hasPrefix(scheme) {
            let rest = target.dropFirst(scheme.count)
            let path = rest.drop { $0 != "/" && $0 != "?" }
            if request.start[1] == path || path.first != "/" && request.start[1] == "/" + path
                || path.isEmpty && request.start[1] == "*"
            {
                return true
            }
        }
        return false
    }
}

/// Opens the service's connections, at once or when the story says so.
private final class Dialer {
    private let eventLoop: EmbeddedEventLoop
    private var pending: [((any Channel)?) -> Void] = []
    private var isHeldBack = false
    private(set) var sockets: [FakeSocket] = []

    init(_ eventLoop: EmbeddedEventLoop) { self.eventLoop = eventLoop }

    func dial(_ answer: @escaping ((any Channel)?) -> Void) {
        if isHeldBack { pending.append(answer) } else { open(answer) }
    }

    /// Answers what waits, and holds back what comes.
    func complete(_ isUp: Bool) {
        isHeldBack = true
        let waiting = pending
        pending = []
        for answer in waiting { if isUp { open(answer) } else { answer(nil) } }
    }

    private func open(_ answer: @escaping ((any Channel)?) -> Void) {
        guard let socket = try? FakeSocket(eventLoop), (try? socket.connect()) != nil else {
            answer(nil)
            return
        }
        sockets.append(socket)
        answer(socket.channel)
        socket.channel.pipeline.read()
    }
}
