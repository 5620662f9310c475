import ControlPlane
import GRDB
import Response
import TestKit
import Testing
import World

@Suite("Spools")
struct SpoolFileTests {
    private static func entry(_ number: Int, _ body: String = "[]") -> SpoolEntry {
        SpoolEntry(number: number, received: Moment(seconds: number), body: body)
    }

    private static func file(_ folder: TemporaryFolder, _ id: String = "one") throws -> SpoolFile {
        try SpoolFile(path: folder.path + "/spool/spool.sqlite") { id }
    }

    @Test("what was written is read in its order, in pieces, until it is dropped; a start finds what is left")
    func order() async throws {
        let folder = TemporaryFolder()
        var file = try Self.file(folder)
        #expect(file.totals.id == "one")
        #expect(file.totals.last == 0)
        #expect(file.totals.oldest == nil)
        try await file.append([Self.entry(1, "[1]"), Self.entry(2, "[22]")])
        try await file.append([Self.entry(3, "[333]")])
        #expect(try await file.read(after: 0, bytes: 1 << 20, most: 10).map(\.body) == ["[1]", "[22]", "[333]"])
        #expect(try await file.read(after: 1, bytes: 1 << 20, most: 1).map(\.number) == [2])
        #expect(try await file.read(after: 0, bytes: 8, most: 10).map(\.number) == [1, 2])
        #expect(try await file.read(after: 2, bytes: 1, most: 10).map(\.number) == [3], "one at least")
        try await file.drop(through: 2)
        file.close()
        file = try Self.file(folder, "two")
        #expect(file.totals.id == "one", "the name stays")
        #expect(file.totals.last == 3)
        #expect(file.totals.entries == 1)
        #expect(file.totals.bytes == 5)
        #expect(file.totals.oldest == Moment(seconds: 3))
        try await file.drop(through: 3)
        file.close()
        file = try Self.file(folder)
        #expect(file.totals.last == 3, "a number is given once, also when nothing is left")
        #expect(file.totals.entries == 0)
        file.close()
    }

    @Test("a commit is whole or not at all, and a number that is there is not written over")
    func whole() async throws {
        let folder = TemporaryFolder()
        let file = try Self.file(folder)
        try await file.append([Self.entry(1)])
        await #expect(throws: WorldError.self) { try await file.append([Self.entry(2), Self.entry(1, "[other]")]) }
        #expect(try await file.read(after: 0, bytes: 100, most: 10) == [Self.entry(1)])
        file.close()
    }

    @Test("another process does not open it, and a file of something else is refused")
    func locked() async throws {
        let folder = TemporaryFolder()
        let file = try Self.file(folder)
        #expect(#expect(throws: WorldError.self) { try Self.file(folder) }?.code == "store-locked")
        file.close()
        let other = try DatabaseQueue(path: folder.path + "/plane.sqlite")
        try await other.write { try $0.execute(sql: "CREATE TABLE x (y)") }
        try other.close()
        let error = #expect(throws: WorldError.self) { try SpoolFile(path: folder.path + "/plane.sqlite") { "x" } }
        #expect(error?.code == "store-corrupt")
    }

    @Test("a batch that is cut, changed or out of order is no batch; an entry that alone cannot be read is one")
    func batches() throws {
        let deed = IngestDeed.beat("backup")
        let entries = [
            Self.entry(4, #"[{"beat":{"_0":"backup"}}]"#), Self.entry(7, #"[{"newer":{}}]"#), Self.entry(8, "[]"),
        ]
        let bytes = SpoolBatch.text(entries)
        let batch = try SpoolBatch(bytes)
        #expect(batch.entries.map(\.number) == [4, 7, 8])
        #expect(
            batch.entries.map(\.content) == [.deeds([deed]), .unreadable(#"[{"newer":{}}]"#), .deeds([])])
        for cut in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: SpoolBatch.Broken.self) { try SpoolBatch(Array(bytes[..<cut])) }
        }
        var changed = bytes
        changed[bytes.count - 4] ^= 1
        #expect(throws: SpoolBatch.Broken.self) { try SpoolBatch(changed) }
        #expect(throws: SpoolBatch.Broken.self) { try SpoolBatch(SpoolBatch.text(entries.reversed())) }
    }

    @Test("an alert that fired when it came, and whose end passed on the way, gets the time to be told again; no other")
    func revived() {
        func report(_ end: Int?) -> IngestDeed {
            .report(.init(labels: LabelSet(["alertname": "Down"]), endsAt: end.map { Moment(seconds: $0) }))
        }
        func later(_ deed: IngestDeed) -> IngestDeed {
            deed.revived(since: Moment(seconds: 100), now: Moment(seconds: 500), for: .seconds(300))
        }
        #expect(later(report(400)) == report(800))
        #expect(later(report(100)) == report(100), "it was told to be over")
        #expect(later(report(501)) == report(501))
        #expect(later(report(nil)) == report(nil))
        #expect(later(.beat("x")) == .beat("x"))
    }
}
