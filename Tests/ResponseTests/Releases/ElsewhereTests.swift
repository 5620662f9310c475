import Response
import Testing

@Suite("Releases that somebody else shipped")
struct ElsewhereTests {
    private static func record(_ id: String, _ at: Int, _ verdict: ReleaseRecord.Verdict) -> ReleaseRecord {
        ReleaseRecord(
            id: id, services: ["api"], by: "ana", began: Moment(seconds: at), ended: Moment(seconds: at),
            verdict: verdict, migration: verdict == .elsewhere ? .unknown : .compatible)
    }

    private static func book(_ records: ReleaseRecord...) -> ReleaseBook {
        var book = ReleaseBook()
        for record in records { _ = book.put(record) }
        return book
    }

    @Test("they are suspects, and neither what serves nor what was good")
    func suspects() {
        let book = Self.book(
            Self.record("r1", 0, .kept), Self.record("c1", 10, .elsewhere), Self.record("r2", 20, .kept),
            Self.record("c2", 30, .elsewhere))
        let suspects = book.suspects(of: ["api"], within: .seconds(15), before: Moment(seconds: 31))
        #expect(suspects.map(\.id) == ["c2", "r2"])
        #expect(book.current(of: "api")?.id == "r2")
        #expect(book.lastGood(of: "api", before: "r2")?.id == "r1")
    }

    @Test("they hold no alert back")
    func switching() {
        let now = Moment(seconds: 31)
        let elsewhere = Self.book(Self.record("c1", 30, .elsewhere))
        #expect(elsewhere.switching("api", settle: .seconds(60), longest: .seconds(600), now: now) == nil)
        let own = Self.book(Self.record("r1", 30, .kept))
        #expect(own.switching("api", settle: .seconds(60), longest: .seconds(600), now: now)?.record.id == "r1")
    }

    @Test("nothing is returned across one, since nobody knows its migrations")
    func returning() {
        let alert = Alert(
            labels: LabelSet(["alertname": "Down", "service": "api"]), startsAt: Moment(seconds: 30),
            endsAt: Moment(seconds: 999), updatedAt: Moment(seconds: 30))
        let crossed = ReturnGuard(
            releases: Self.book(
                Self.record("r1", 0, .kept), Self.record("c1", 10, .elsewhere), Self.record("r2", 20, .kept)))
        #expect(throws: RemedyRefusal.migrationUnknown(release: "c1")) {
            try crossed.judge(
                service: "api", alerts: [alert], returned: [], isAutomatic: true, now: Moment(seconds: 31))
        }
        let before = ReturnGuard(
            releases: Self.book(
                Self.record("c1", 0, .elsewhere), Self.record("r1", 10, .kept), Self.record("r2", 20, .kept)))
        let judged = try? before.judge(
            service: "api", alerts: [alert], returned: [], isAutomatic: true, now: Moment(seconds: 31))
        #expect(judged?.to.id == "r1")
    }
}
