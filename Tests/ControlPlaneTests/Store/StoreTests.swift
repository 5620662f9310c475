import ControlPlane
import GRDB
import Response
import TestKit
import Testing
import World

@Suite("Stores")
struct StoreTests {
    @Test("SQLite keeps the contract of stores")
    func sqlite() async throws {
        let folder = TemporaryFolder()
        try await StoreContract { try SQLiteStore(path: folder.path + "/plane/plane.sqlite") }.check()
    }

    @Test("the tests' store keeps the contract of stores")
    func memory() async throws {
        let store = MemoryStore()
        try await StoreContract { store }.check()
    }

    @Test("a commit survives a loss of power: a log of changes, synced with each")
    func settings() async throws {
        let folder = TemporaryFolder()
        let store = try SQLiteStore(path: folder.path + "/plane.sqlite")
        #expect(try await store.pragma("journal_mode") == "wal")
        #expect(try await store.pragma("synchronous") == "2")
        await store.close()
    }

    @Test("a second process does not open the store of a first")
    func locked() async throws {
        let folder = TemporaryFolder()
        let first = try SQLiteStore(path: folder.path + "/plane.sqlite")
        let error = #expect(throws: WorldError.self) { try SQLiteStore(path: folder.path + "/plane.sqlite") }
        #expect(error?.code == "store-locked")
        await first.close()
    }

    @Test("an older file is brought up to this version with everything that it has")
    func older() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/plane.sqlite"
        var store = try SQLiteStore(path: path)
        var batch = StoreBatch()
        batch.alerts = [StoreContract.alert("kept")]
        batch.saves = [.silence(try StoreContract.silence("s1"))]
        try await store.commit(batch)
        await store.close()
        try TamperedStore.makeFirstVersion(path)
        store = try SQLiteStore(path: path)
        #expect(try await store.load().parts.count == 2)
        batch = StoreBatch()
        batch.records = [Record(kind: "account", id: "ana", body: "{}")]
        batch.audit = [AuditEntry(number: 1, body: "{}")]
        try await store.commit(batch)
        #expect(try await store.load().records.count == 1)
        await store.close()
    }

    @Test("a newer file, a file of something else and a broken one are refused with a hint, not changed")
    func foreign() async throws {
        let folder = TemporaryFolder()
        let newer = folder.path + "/newer.sqlite"
        let store = try SQLiteStore(path: newer)
        await store.close()
        try await DatabaseQueue(path: newer).write { try $0.execute(sql: "PRAGMA user_version = 99") }
        let other = folder.path + "/other.sqlite"
        try await DatabaseQueue(path: other).write { try $0.execute(sql: "CREATE TABLE theirs (id INTEGER)") }
        try folder.write("broken.sqlite", String(repeating: "no database at all. ", count: 500))
        for (name, code) in [("newer", "store-newer"), ("other", "store-corrupt"), ("broken", "store-corrupt")] {
            let error = #expect(throws: WorldError.self) { try SQLiteStore(path: folder.path + "/\(name).sqlite") }
            #expect(error?.code == code, "\(name)")
            #expect(error?.hint.isEmpty == false, "\(name)")
        }
    }
}
