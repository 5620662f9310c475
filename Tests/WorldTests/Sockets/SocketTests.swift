import Glibc
import TestKit
import Testing
import World

@Suite("Sockets")
struct SocketTests {
    private let place = TemporaryFolder()

    @Test("ports are free, different, and seen as taken while somebody listens")
    func ports() async throws {
        let ports = FreePort()
        let given = try (0..<50).map { _ in try ports.next() }
        #expect(Set(given).count == 50)
        let server = try TestServer(answer: "HTTP/1.1 200 OK\r\n\r\n")
        #expect(!FreePort.isFree(server.port))
    }

    @Test("ports that last lie outside those of outgoing connections, and are not given by two at once")
    func lasting() throws {
        let outgoing = FreePort.outgoing()
        let one = FreePort()
        let other = FreePort()
        var given: Set<Int> = []
        for _ in 0..<200 {
            for port in [try one.next(), try other.next()] {
                #expect(given.insert(port).inserted, "\(port) is given twice")
                #expect(!outgoing.contains(port))
            }
        }
    }

    @Test("a port that one process chose is not given by another, and is free again once that one has ended")
    func promised() async throws {
        // Leaves a few ports only, so that two who choose must meet.
        let outgoing = 10_100...65_535
        let ports = FreePort(outgoing: outgoing)
        var mine: Set<Int> = []
        for _ in 0..<30 { mine.insert(try ports.next()) }
        #expect(mine.allSatisfy { (10_000..<10_100).contains($0) })
        do {
            let other = FreePort(outgoing: outgoing)
            for _ in 0..<30 { #expect(!mine.contains(try other.next())) }
        }
        let third = FreePort(outgoing: outgoing)
        for _ in 0..<30 { #expect(!mine.contains(try third.next())) }
    }

    @Test("where ports are looked for follows from those of outgoing connections")
    func ranges() {
        #expect(FreePort.ranges(outside: 32_768...60_999) == [20_000...32_767])
        #expect(FreePort.ranges(outside: 25_000...60_999) == [20_000...24_999])
        #expect(FreePort.ranges(outside: 15_000...61_000) == [10_000...14_999, 61_001...65_535])
        #expect(FreePort.ranges(outside: 1_024...65_535) == [])
    }

    @Test("where every port is one of outgoing connections, the kernel chooses")
    func fallback() throws {
        let port = try FreePort(outgoing: 1_024...65_535).next()
        #expect(FreePort.outgoing().contains(port))
    }

    @Test("a probe reads the status and follows no redirect")
    func probe() async throws {
        let server = try TestServer(answer: "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 3\r\n\r\nabc")
        let answer = try await HTTPProbe.get(port: server.port, path: "/health", timeout: .seconds(5))
        #expect(answer.status == 302)
        #expect(await server.request.hasPrefix("GET /health HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"))
    }

    @Test("a failing answer comes with the beginning of its body")
    func excerpt() async throws {
        let server = try TestServer(answer: "HTTP/1.1 503 Unavailable\r\nContent-Length: 9\r\n\r\nno db yet")
        let answer = try await HTTPProbe.get(port: server.port, path: "/", timeout: .seconds(5))
        #expect(answer == HTTPProbe.Answer(status: 503, excerpt: "no db yet"))
    }

    @Test("a port without a listener, a silent one and one that speaks something else are told apart")
    func failures() async throws {
        func code(_ port: Int, _ timeout: Duration = .seconds(5)) async -> String? {
            do {
                _ = try await HTTPProbe.get(port: port, path: "/", timeout: timeout)
                return nil
            } catch let error as WorldError { return error.code } catch { return "\(error)" }
        }
        #expect(await code(try FreePort().next()) == "system-\(ECONNREFUSED)")
        let silent = try TestServer(answer: nil)
        #expect(await code(silent.port, .milliseconds(300)) == "timed-out")
        let other = try TestServer(answer: "SSH-2.0-x\r\n")
        #expect(await code(other.port) == "not-http")
        _ = (await silent.request, await other.request)
    }

    @Test("who listens on a port is found, and the refusal names the process to end")
    func holder() throws {
        let server = try TestServer(answer: nil)
        let holder = try #require(PortHolder.find(server.port))
        #expect(holder.pid == getpid())
        let refusal = PortHolder.refusal(of: server.port, during: "listen", then: "Then all is well.")
        #expect(refusal.code == "port-taken")
        #expect(refusal.hint == "End process \(getpid()). Then all is well.")
        #expect(PortHolder.find(try FreePort().next()) == nil)
    }

    @Test("lines go both ways over a Unix-domain socket, and a socket file left behind is replaced")
    func unix() async throws {
        let path = place.path + "/s"
        try place.write("s", "left behind")
        let listener = try UnixListener.bind(path: path)
        async let accepted = listener.accept()
        let client = try await Socket.connect(path: path, timeout: .seconds(60))
        let server = try #require(await accepted)
        let big = [UInt8](repeating: 7, count: 1_000_000)
        async let sent: Void = client.send(big, timeout: .seconds(60))
        var received: [UInt8] = []
        while received.count < big.count { received += try await server.receive(timeout: .seconds(60)) }
        try await sent
        #expect(received == big)
        await #expect(throws: WorldError.self) { try await client.receive(timeout: .milliseconds(50)) }
    }

    @Test("a descriptor goes with its message to another process's end, and the sender is known")
    func packets() async throws {
        let path = place.path + "/p"
        let listener = try UnixListener.bind(path: path, carriesPackets: true)
        let python = try ChildProcess(
            command: [
                "python3", "-S", "-c",
                """
                import os, socket
                link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                link.connect("p")
                file = os.open("sent", os.O_RDWR | os.O_CREAT)
                os.write(file, b"by descriptor")
                socket.send_fds(link, [b"here it is"], [file, file])
                link.send(b"and nothing")
                link.recv(1)
                """,
            ], environment: ["PATH": "/usr/bin:/bin:/usr/local/bin"], workingDirectory: place.path,
            standardOutput: "/dev/null", standardError: place.path + "/err"
        ).launch()
        let server = try #require(await listener.accept())
        #expect(server.peerProcess == python.pid)
        let first = try #require(try await server.receivePacket(timeout: .seconds(60)))
        #expect(first.text == "here it is")
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = pread(try #require(first.descriptor?.number), &bytes, bytes.count, 0)
        #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == "by descriptor")
        let second = try #require(try await server.receivePacket(timeout: .seconds(60)))
        #expect(second.text == "and nothing" && second.descriptor == nil)
        try await server.send([1], timeout: .seconds(5))
        #expect(try await server.receivePacket(timeout: .seconds(60)) == nil)
        #expect(await ProcessExit.wait(for: python, timeout: .seconds(60)) == .exited(code: 0))
    }

    @Test("a socket path that the kernel would refuse is refused with a hint")
    func longPath() async {
        let path = "/tmp/" + String(repeating: "x", count: 120)
        #expect(throws: WorldError.self) { try UnixListener.bind(path: path) }
    }
}

/// Accepts one connection at a time on a loopback port, reads, and answers with fixed bytes or not at all.
final class TestServer: Sendable {
    let port: Int
    private let task: Task<String, Never>

    var request: String { get async { await task.value } }

    init(answer: String?) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && listen(descriptor, 8) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard bound else { throw SystemError.last }
        port = Int(in_port_t(bigEndian: address.sin_port))
        task = Task {
            // Only here: a descriptor must not be closed while somebody waits for it.
            defer { close(descriptor) }
            guard await DescriptorWait.wait(for: descriptor, .readable, timeout: .seconds(60)) else { return "" }
            let connection = Socket(adopting: accept(descriptor, nil, nil))
            let request = (try? await connection.receive(timeout: .seconds(60))) ?? []
            if let answer {
                try? await connection.send(Array(answer.utf8), timeout: .seconds(60))
            } else {
                try? await Task.sleep(for: .seconds(1))
            }
            // Said to the other end even while a child that was forked meanwhile has a copy of the descriptor.
            shutdown(connection.descriptor, Int32(SHUT_RDWR))
            return String(decoding: request, as: UTF8.self)
        }
    }

    deinit { task.cancel() }
}
