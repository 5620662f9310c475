import FrontDoor
import NIOCore
import Testing

@Suite("Any bytes")
struct AnyBytesTests {
    /// SplitMix64: the same seed gives the same requests on every run.
    struct Dice: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    static let seeds = [
        "GET /a?b=c HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, x\r\nX: y\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\n",
        "HEAD http://a/x HTTP/1.0\r\n\r\nGET / HTTP/1.1\r\nHost: [::1]:80\r\nUpgrade: b\r\nConnection: upgrade\r\n\r\n",
        "GET /status/204 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\ntraceparent: 00-x-y-z\r\n\r\n",
    ]
    static let spices = [
        "\r", "\n", "\r\n", "\0", ":", " ", "\t", "0", "ffffffff", "Content-Length: 1\r\n", "chunked", ";", "\u{FF}",
    ]

    static func mutated(_ dice: inout Dice) -> [UInt8] {
        var bytes = Array((seeds.randomElement(using: &dice) ?? "").utf8)
        for _ in 0..<Int.random(in: 0...4, using: &dice) {
            let at = Int.random(in: 0...bytes.count, using: &dice)
            switch Int.random(in: 0..<4, using: &dice) {
            case 0: bytes.insert(contentsOf: Array((spices.randomElement(using: &dice) ?? "").utf8), at: at)
            case 1 where at < bytes.count: bytes[at] = UInt8.random(in: 0...255, using: &dice)
            case 2: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 0...6, using: &dice)))
            default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 12)], at: at)
            }
        }
        return bytes
    }

    @Test("end in answers or a closed connection, and the front door serves on")
    func survives() async throws {
        let service = try await TestService.start()
        try await DoorFixture.with(
            ["api": DoorFixture.service("r1", service.port)],
            timeouts: .init(
                responseHeaderMilliseconds: 300, idleMilliseconds: 150, headerReadMilliseconds: 150,
                keepAliveMilliseconds: 150)
        ) { fixture in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<16 {
                    group.addTask {
                        var dice = Dice(state: UInt64(lane))
                        for _ in 0..<20 {
                            let bytes = Self.mutated(&dice)
                            let cut = Int.random(in: 0...bytes.count, using: &dice)
                            let client = try await fixture.client()
                            client.post(ByteBuffer(bytes: bytes[..<cut]))
                            try await Task.sleep(for: .milliseconds(1))
                            client.post(ByteBuffer(bytes: bytes[cut...]))
                            let text = try await client.readToEnd()
                            #expect(
                                text.isEmpty || text.hasPrefix("HTTP/1.1 "),
                                "\(String(decoding: bytes, as: UTF8.self).debugDescription) gave \(text)")
                            await client.close()
                        }
                    }
                }
                try await group.waitForAll()
            }
            let client = try await fixture.client()
            #expect(try await client.get("/x").body == "one")
            try await eventually("nothing is left in flight") { try await fixture.signals().inFlight == 0 }
        }
        await service.kill()
    }
}
