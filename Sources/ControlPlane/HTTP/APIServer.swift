import FrontDoor
import Glibc
import NIOCore

/// What the connections of one event loop share.
final class APIServer {
    let limits: IngestLimits
    let live: LiveHub
    let idleTime = TimeAmount.seconds(180)
    let requestTime = TimeAmount.seconds(30)
    let lingerTime = TimeAmount.seconds(2)
    /// Bytes of requests that are not complete.
    var receiving = 0
    private(set) var isStopping = false
    /// A bare 200 with today's date: most answers are this one.
    private(set) var plainOK = ByteBuffer()
    private(set) var dateLine = ""
    private let handler: (RequestReader.Request, String, @escaping (Answer) -> Void) -> Void
    private var connections: [ObjectIdentifier: APIConnection] = [:]

    /// - Parameter handler: answers a request of an address once, at once or later, on the same event loop.
    init(
        limits: IngestLimits, live: LiveHub,
        handler: @escaping (RequestReader.Request, String, @escaping (Answer) -> Void) -> Void
    ) {
        self.limits = limits
        self.live = live
        self.handler = handler
        refreshDate()
    }

    func handle(_ request: RequestReader.Request, _ connection: APIConnection, peer: String) {
        handler(request, peer) { connection.answer($0) }
    }

    /// - Returns: whether there was room for it.
    func add(_ connection: APIConnection) -> Bool {
        connections[ObjectIdentifier(connection)] = connection
        return connections.count <= limits.connections
    }

    func remove(_ connection: APIConnection) { connections[ObjectIdentifier(connection)] = nil }

    /// Once a second: the date of answers, and connections whose time is up.
    func tick(_ now: NIODeadline) {
        refreshDate()
        for connection in Array(connections.values) where connection.deadline < now { connection.timeOut() }
    }

    /// From now on each answer is its connection's last.
    func stop() { isStopping = true }

    func closeAll() {
        for connection in Array(connections.values) { connection.close() }
    }

    private func refreshDate() {
        var now = time(nil)
        var parts = tm()
        gmtime_r(&now, &parts)
        var text = [CChar](repeating: 0, count: 48)
        // The C locale of a program that never called setlocale: English names, as RFC 9110 §5.6.7 wants.
        let count = strftime(&text, text.count, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts)
        dateLine = String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        plainOK = ByteBuffer(string: "HTTP/1.1 200 OK\r\n\(dateLine)Content-Length: 0\r\n\r\n")
    }
}
