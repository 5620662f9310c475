import Glibc
import World

/// A kept connection, on a thread that may wait.
final class PostingClient {
    private let descriptor: Int32

    struct Unreachable: Error {}

    init?(port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    static func post(_ port: Int, name: String, round: Int) throws -> Bool {
        guard let client = PostingClient(port: port) else { throw Unreachable() }
        return client.post(name: name, round: round)
    }

    /// - Returns: whether it was answered 200.
    func post(name: String, round: Int) -> Bool {
        post("[{\"labels\":{\"alertname\":\"\(name)\",\"round\":\"\(round)\"}}]")
    }

    /// - Parameter body: a list of alerts.
    /// - Returns: whether it was answered 200.
    func post(_ body: String) -> Bool {
        let text =
            "POST /api/v2/alerts HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        guard write(text) else { return false }
        var answer: [UInt8] = []
        while !answer.ends(with: "\r\n\r\n".utf8) {
            guard let part = receive() else { return false }
            answer += part
        }
        return answer.starts(with: "HTTP/1.1 200 ".utf8)
    }

    /// The whole answer to a GET.
    static func get(_ port: Int, _ target: String) throws -> String {
        guard let client = PostingClient(port: port),
            client.write("GET \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        else { throw Unreachable() }
        var answer: [UInt8] = []
        while let part = client.receive() { answer += part }
        return String(decoding: answer, as: UTF8.self)
    }

    /// Sends a request whose connection is closed after it.
    ///
    /// - Returns: the whole answer; what came of it where it broke off.
    func exchange(_ text: String) -> String {
        guard write(text) else { return "" }
        var answer: [UInt8] = []
        while let part = receive() { answer += part }
        return String(decoding: answer, as: UTF8.self)
    }

    /// Asks the JSON API.
    ///
    /// - Returns: the status, and what the answer says.
    static func ask(
        _ port: Int, _ method: String, _ target: String, token: String
    ) throws -> (status: Int, json: JSONValue?) {
        let body = method == "POST" ? "{}" : ""
        guard let client = PostingClient(port: port),
            client.write(
                "\(method) \(target) HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer \(token)\r\n"
                    + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        else { throw Unreachable() }
        var answer: [UInt8] = []
        while let part = client.receive() { answer += part }
        let text = String(decoding: answer, as: UTF8.self)
        guard let head = text.firstRange(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3)) else {
            throw Unreachable()
        }
        return (status, JSONValue(parsing: Array(text[head.upperBound...].utf8)))
    }

    /// The names of a round's alerts.
    static func names(_ port: Int, round: Int) throws -> Set<String> {
        let answer = try get(port, "/api/v2/alerts?filter=round%3D\(round)")
        guard let body = answer.firstRange(of: "\r\n\r\n"),
            case .array(let list)? = JSONValue(parsing: Array(answer[body.upperBound...].utf8))
        else { throw Unreachable() }
        return Set(list.compactMap { $0["labels"]?["alertname"]?.string })
    }

    /// Every alert that fires, as `cause/instance`.
    static func firing(_ port: Int) throws -> Set<String> {
        let answer = try get(port, "/api/v2/alerts")
        guard let body = answer.firstRange(of: "\r\n\r\n"),
            case .array(let list)? = JSONValue(parsing: Array(answer[body.upperBound...].utf8))
        else { throw Unreachable() }
        return Set(
            list.compactMap { alert in
                guard let name = alert["labels"]?["alertname"]?.string,
                    let instance = alert["labels"]?["instance"]?.string
                else { return nil }
                return "\(name)/\(instance)"
            })
    }

    private func write(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    private func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : nil
    }
}

extension [UInt8] {
    fileprivate func ends(with end: some Collection<UInt8>) -> Bool { suffix(end.count).elementsEqual(end) }
}
