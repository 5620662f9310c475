import Delivery
import Foundation
import Synchronization
import Testing
import World

/// A socket that answers what a test says, whole, cut short, or not at all.
private final class FakeDocker: Sendable {
    let folder: String
    private let loop: Task<Void, Never>
    var endpoint: DockerEndpoint { .unix(path: folder + "/docker.sock") }

    static let ping = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK"

    /// - Parameter answers: by what the request's line contains; an empty answer leaves the request waiting.
    init(_ answers: [String: String], ping: String = FakeDocker.ping) throws {
        folder = try makeScratch()
        let listener = try UnixListener.bind(path: folder + "/docker.sock")
        loop = Task {
            await withTaskGroup(of: Void.self) { group in
                while let socket = await listener.accept() {
                    group.addTask {
                        while let head = try? await Self.head(socket) {
                            let line = head.prefix { $0 != "\r\n" }
                            let answer =
                                line.contains("/_ping ")
                                ? ping : answers.first { line.contains($0.key) }?.value ?? Self.notFound
                            try? await socket.send(Array(answer.utf8), timeout: .seconds(10))
                            if answer.isEmpty { _ = try? await socket.receive(timeout: .seconds(60)) }
                            if answer.contains("Connection: close") { return }
                        }
                    }
                }
                group.cancelAll()
            }
        }
    }

    deinit {
        loop.cancel()
        removeScratch(folder)
    }

    private static let notFound =
        "HTTP/1.1 404 Not Found\r\nContent-Length: 26\r\n\r\n{\"message\":\"no such thing\"}"

    private static func head(_ socket: Socket) async throws -> String? {
        var bytes: [UInt8] = []
        while !String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n") {
            let more = try await socket.receive(timeout: .seconds(60))
            if more.isEmpty { return nil }
            bytes += more
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// An answer that says its length, or another one.
    static func answer(_ body: String, length: Int? = nil, status: String = "200 OK", then: String = "") -> String {
        "HTTP/1.1 \(status)\r\n\(then)Content-Length: \(length ?? body.utf8.count)\r\n\r\n\(body)"
    }

    static func endless(_ body: String) -> String { "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\(body)" }

    func failure<Value>(
        within deadline: Duration = .seconds(20), _ call: (DockerAPI) async throws -> Value
    ) async throws -> WorldError {
        let api = try await DockerAPI(connectingTo: endpoint, within: deadline)
        return try await #require(throws: WorldError.self) { _ = try await call(api) }
    }
}

@Suite("What answers in place of a Docker Engine", .timeLimit(.minutes(5)))
struct DockerFaultTests {
    @Test("nobody, somebody who says nothing, and somebody who is no engine are told apart")
    func strangers() async throws {
        let nobody = try await #require(throws: WorldError.self) {
            try await DockerAPI(connectingTo: .unix(path: "/tmp/hauban-no-such.sock"), within: .seconds(20))
        }
        #expect(nobody.code == "docker-unreachable", "\(nobody)")
        #expect(nobody.hint.contains("DOCKER_HOST"))
        let silent = try FakeDocker([:], ping: "")
        let late = try await #require(throws: WorldError.self) {
            try await DockerAPI(connectingTo: silent.endpoint, within: .milliseconds(300))
        }
        #expect(late.code == "timed-out")
        let other = try FakeDocker([:], ping: FakeDocker.answer("hello"))
        let stranger = try await #require(throws: WorldError.self) {
            try await DockerAPI(connectingTo: other.endpoint, within: .seconds(20))
        }
        #expect(stranger.code == "docker-answer-invalid")
        let old = try FakeDocker([:], ping: FakeDocker.answer("OK", then: "Api-Version: 1.24\r\n"))
        let past = try await #require(throws: WorldError.self) {
            try await DockerAPI(connectingTo: old.endpoint, within: .seconds(20))
        }
        #expect(past.code == "docker-version")
        let new = try FakeDocker([:], ping: FakeDocker.answer("OK", then: "Api-Version: 1.99\r\n"))
        #expect(
            try await DockerAPI(connectingTo: new.endpoint, within: .seconds(20)).version(within: .seconds(20))
                == .newest)
    }

    @Test("an answer that breaks off, is no JSON, or has other fields is no answer")
    func brokenAnswers() async throws {
        let container = #"{"Id":"a","Name":"/x","Image":"i","State":{"Status":"#
        let cases: [(body: String, code: String)] = [
            (FakeDocker.answer(#"{"Id":"#, length: 500, then: "Connection: close\r\n"), "docker-broken-off"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n9\r\n{\"Id\"",
                "docker-broken-off"
            ),
            (FakeDocker.answer("<html>"), "docker-answer-invalid"),
            (FakeDocker.answer("[]"), "docker-answer-invalid"),
            (FakeDocker.answer(container + #""flying"}}"#), "docker-answer-invalid"),
            (FakeDocker.answer(String(repeating: "[", count: 5_000)), "docker-answer-invalid"),
            ("garbage\r\n\r\n", "docker-broken-off"),
        ]
        for (body, code) in cases {
            let fake = try FakeDocker(["/containers/x/json": body])
            let error = try await fake.failure { try await $0.inspect("x", within: .seconds(5)) }
            // What is no HTTP at all keeps the connection open until the deadline at the latest.
            #expect(error.code == code || body.hasPrefix("garbage"), "\(body.prefix(60)): \(error)")
            #expect(error.operation == "look at x")
        }
    }

    @Test("no answer within the deadline is an error, in the middle of a body too")
    func hanging() async throws {
        let fake = try FakeDocker([
            "/containers/a/json": "", "/containers/b/json": FakeDocker.answer(#"{"Id":"#, length: 500),
        ])
        for name in ["a", "b"] {
            let error = try await fake.failure { try await $0.inspect(name, within: .milliseconds(300)) }
            #expect(error.code == "timed-out", "\(error)")
        }
    }

    @Test("frames that are none, and streams that break off, are errors")
    func frames() async throws {
        let fake = try FakeDocker([
            "/containers/a/logs": FakeDocker.endless("not a frame at all"),
            "/containers/b/logs": FakeDocker.endless("\u{1}\0\0\0\0\0\0\u{40}short"),
            "/images/create": FakeDocker.endless("{\"status\":\"Pulling\"}\n{\"status\":"),
            "/build": FakeDocker.endless("{\"stream\":\"Step 1/2 : FROM scratch\\n\"}\n"),
        ])
        let garbage = try await fake.failure { try await $0.logs(of: "a", last: 5) }
        #expect(garbage.code == "docker-answer-invalid")
        let cut = try await fake.failure { try await $0.logs(of: "b", last: 5) }
        #expect(cut.code == "docker-broken-off", "\(cut)")
        let name = try #require(ImageName("x/y:1"))
        let pull = try await fake.failure { try await $0.pull(name, within: .seconds(20)) }
        #expect(pull.code == "docker-answer-invalid")
        let build = try await fake.failure {
            try await $0.build(TarStream([]), ImageBuild(name: name), within: .seconds(20))
        }
        #expect(build.code == "docker-broken-off")
    }

    @Test("a Swarm that is none, has lost its managers, or answers what nobody knows is told with its mend")
    func swarm() async throws {
        func refusal(_ message: String) throws -> FakeDocker {
            try FakeDocker([
                "/nodes": FakeDocker.answer(#"{"message":"\#(message)"}"#, status: "503 Service Unavailable")
            ])
        }
        let worker = try await refusal("This node is not a swarm manager. Use docker swarm init").failure {
            try await $0.nodes()
        }
        #expect(worker.code == "swarm-manager")
        #expect(worker.hint.contains("docker swarm init"))
        let headless = try await refusal(
            "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online."
        ).failure { try await $0.nodes() }
        #expect(headless.code == "swarm-leader")
        let node = #"[{"ID":"a","Spec":{"Role":"worker"},"Status":{"State":"flying"}}]"#
        let task =
            #"[{"ID":"a","ServiceID":"b","DesiredState":"running","Status":{"State":"flying"},"Spec":{"ContainerSpec":{"Image":"x"}}}]"#
        let strange = try FakeDocker([
            "/nodes": FakeDocker.answer(node), "/tasks": FakeDocker.answer(task),
            "/services": FakeDocker.answer(#"[{"ID":"a","Version":{"Index":1},"Spec":{"Name":"x"}}]"#),
        ])
        #expect(try await strange.failure { try await $0.nodes() }.code == "docker-answer-invalid")
        #expect(try await strange.failure { try await $0.tasks(of: ["b"]) }.code == "docker-answer-invalid")
        #expect(try await strange.failure { try await $0.services(labelled: []) }.code == "docker-answer-invalid")
    }

    @Test("what the engine says is shown on one line, without control characters, and not without end")
    func words() async throws {
        let nasty = #"{"message":"\u001b[31mred\r\nnext \#(String(repeating: "x", count: 5_000))"}"#
        let fake = try FakeDocker(["/containers/x/start": FakeDocker.answer(nasty, status: "500 Oops")])
        let error = try await fake.failure { try await $0.start("x") }
        #expect(error.code == "docker-failed")
        #expect(error.underlying.count < 700)
        #expect(error.underlying.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }

    @Test("frames are taken apart wherever they are cut")
    func framesByBytes() throws {
        let whole: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 5] + Array("hello".utf8) + [2, 0, 0, 0, 0, 0, 0, 2] + Array("no".utf8)
        for size in 1...whole.count {
            var frames = DockerFrames()
            var texts: [StandardStream: String] = [:]
            for start in stride(from: 0, to: whole.count, by: size) {
                for part in try frames.feed(Array(whole[start..<min(start + size, whole.count)])) {
                    texts[part.stream, default: ""] += String(decoding: part.bytes, as: UTF8.self)
                }
            }
            #expect(texts == [.output: "hello", .error: "no"])
            #expect(!frames.isInside)
        }
    }
}
