import ControlPlane
import Response
import Testing

@Suite("Signals of services")
struct SignalBoardTests {
    private static let start = Moment(seconds: 1_790_000_000)

    private static func reading(_ rate: Double) -> ServiceReading {
        ServiceReading(
            traffic: .success(.init(requestsPerSecond: rate, errorShare: 0.01, p95: .milliseconds(120))),
            replicas: .success(.init(ready: 2, wanted: 2)))
    }

    @Test("what nobody measures has a reason, and no figure is zero for lack of one")
    func absences() {
        #expect(SignalBoard(isMeasured: false).reading(of: "api").traffic == .failure(.noMeter))
        var board = SignalBoard(isMeasured: true)
        #expect(board.reading(of: "api").replicas == .failure(.notYet))
        board.take(["api": Self.reading(3)], at: Self.start)
        #expect(board.reading(of: "api") == Self.reading(3))
        #expect(board.reading(of: "other").traffic == .failure(.unknown))
        board.miss(.unreachable("no answer"), at: Self.start + .seconds(10))
        #expect(board.reading(of: "api").traffic == .failure(.unreachable("no answer")), "old figures are not shown on")
        #expect(board.taken == nil)
        #expect(board.line(of: "api").map(\.requestsPerSecond) == [3, nil], "the line has a gap")
    }

    @Test("a line reaches back half an hour and no further, for two hundred services at most")
    func bounds() {
        var board = SignalBoard(isMeasured: true)
        for step in 0..<400 {
            let all = Dictionary(
                uniqueKeysWithValues: (0..<250).map { ("service-\($0)", Self.reading(Double(step))) })
            board.take(all, at: Self.start + .seconds(step * 10))
        }
        let lines = (0..<250).map { board.line(of: "service-\($0)") }.filter { !$0.isEmpty }
        #expect(lines.count == 200)
        #expect(lines.allSatisfy { $0.count == 180 && $0.last?.requestsPerSecond == 399 })
        #expect(board.reading(of: "service-7") == Self.reading(399), "every service has its figures all the same")
        // Long gaps are forgotten as well.
        for step in 400..<600 { board.miss(.unreachable("gone"), at: Self.start + .seconds(step * 10)) }
        #expect((0..<250).allSatisfy { board.line(of: "service-\($0)").isEmpty })
    }

    @Test("a service that nobody asks for anything has a line of nothing, not a gap")
    func quiet() {
        var board = SignalBoard(isMeasured: true)
        board.take(
            [
                "mailer": .init(traffic: .failure(.noRequests), replicas: .failure(.notDeployed)),
                "worker": .init(traffic: .failure(.notRouted), replicas: .failure(.notDeployed)),
            ], at: Self.start)
        #expect(board.line(of: "mailer").map(\.requestsPerSecond) == [0])
        #expect(board.line(of: "worker").isEmpty)
    }
}
