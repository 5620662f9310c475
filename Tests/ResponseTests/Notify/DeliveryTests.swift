import Response
import Spec
import Testing

@Suite("Waits, limits and ways")
struct DeliveryTests {
    @Test("the wait doubles up to its bound; half of it is left to chance")
    func backoff() {
        let backoff = Backoff(first: .seconds(2), most: .seconds(60), attempts: 9)
        let longest = (1...8).map { backoff.wait(after: $0, random: 1) }
        #expect(longest == [2, 4, 8, 16, 32, 60, 60, 60].map { Duration.seconds($0) })
        let shortest = (1...3).map { backoff.wait(after: $0, random: 0) }
        #expect(shortest == [1, 2, 4].map { Duration.seconds($0) })
        #expect(backoff.wait(after: 9, random: 0.5) == nil)
        #expect(backoff.wait(after: 1, random: .nan) == .milliseconds(1500))
        #expect(backoff.wait(after: 1, random: 7) == .seconds(2))
    }

    @Test("what a provider asks for is a lower bound, and an hour is the most that it gets")
    func asked() {
        let backoff = Backoff()
        #expect(backoff.wait(after: 1, random: 0.5, asked: .seconds(120)) == .seconds(120))
        #expect(backoff.wait(after: 8, random: 1, asked: .seconds(1)) == .seconds(256))
        #expect(backoff.wait(after: 1, random: 0.5, asked: .seconds(86_400)) == .seconds(3600))
    }

    @Test("a limit lets so many go within its time, and the next when the oldest is out of it")
    func limit() {
        let limit = RateLimit(messages: 3, within: .seconds(60))
        let now = Moment(seconds: 1_790_000_000)
        func ago(_ seconds: Int) -> Moment { now - .seconds(seconds) }
        #expect(limit.next(after: [], now: now) == now)
        #expect(limit.next(after: [ago(50), ago(40)], now: now) == now)
        #expect(limit.next(after: [ago(50), ago(40), ago(30)], now: now) == now + .seconds(10))
        #expect(limit.next(after: [ago(60), ago(40), ago(30)], now: now) == now)
        #expect(limit.next(after: [ago(55), ago(50), ago(40), ago(30)], now: now) == now + .seconds(10))
    }

    @Test("a queue gives keys out in the order of their times, each once, whatever was moved or taken away")
    func queue() {
        var queue = DueQueue<Int>()
        var times: [Int: Int] = [:]
        var state: UInt64 = 7
        func next(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        for _ in 0..<20_000 {
            let key = next(500)
            if next(5) == 0 {
                queue.set(key, at: nil)
                times[key] = nil
            } else {
                let time = next(1000)
                queue.set(key, at: Moment(seconds: time))
                times[key] = time
            }
            if next(3) == 0 {
                let now = next(1000)
                let expected = times.filter { $0.value <= now }.min { ($0.value, $0.key) < ($1.value, $1.key) }
                let taken = queue.take(until: Moment(seconds: now))
                #expect(taken?.key == expected?.key && taken?.due.seconds == expected?.value)
                if let expected { times[expected.key] = nil }
            }
            #expect(queue.next?.seconds == times.values.min() && queue.count == times.count)
        }
    }

    @Test("what is not urgent is written, not rung; somebody with a telephone only is still told")
    func usualSteps() {
        let card = ContactCard(
            name: "ana",
            contacts: [Contact(.call, "1"), Contact(.sms, "1"), Contact(.email, "e"), Contact(.slack, "s")])
        #expect(card.steps(for: .low).map(\.contact.kind) == [.email, .slack])
        #expect(card.steps(for: .critical).map(\.contact.kind) == [.sms, .email, .slack, .call])
        #expect(card.steps(for: .critical).last?.after == .seconds(120))
        let phone = ContactCard(name: "ben", contacts: [Contact(.call, "2"), Contact(.sms, "2")])
        #expect(phone.steps(for: .medium).map(\.contact.kind) == [.sms])
        #expect(ContactCard(name: "chi", contacts: [Contact(.call, "3")]).steps(for: .high).map(\.after) == [.zero])
    }

    @Test("quiet hours over midnight end in the morning, by the clock of their zone")
    func quietHours() throws {
        let paris = try zone("Europe/Paris")
        let card = ContactCard(
            name: "ana", contacts: [],
            quiet: .init(
                hours: WeeklyHours(
                    hours: [.init(weekdays: [1, 2, 3, 4, 5, 6, 7], from: 22 * 3600, to: 7 * 3600)], zone: paris),
                breakThrough: .critical))
        let night = paris.moment(try wall("2026-10-24 23:00"))
        // The night in which the clocks go back is an hour longer.
        #expect(card.quietUntil(.high, now: night) == night + .seconds(9 * 3600))
        #expect(card.quietUntil(.critical, now: night) == nil)
        #expect(card.quietUntil(.low, now: paris.moment(try wall("2026-10-24 12:00"))) == nil)
    }

    @Test(
        "severities are read as their senders write them",
        arguments: [
            ("critical", Level.critical), ("page", .critical), ("P1", .critical), ("error", .high), ("P2", .high),
            ("warning", .medium), ("info", .low), ("P5", .low), ("High", .high),
        ])
    func severities(text: String, level: Level) {
        let alert = Alert(
            labels: LabelSet(["alertname": "x", "severity": text]), startsAt: Story.start, endsAt: Story.start,
            updatedAt: Story.start)
        #expect(alert.level == level)
    }
}
