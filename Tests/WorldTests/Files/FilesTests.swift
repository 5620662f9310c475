import Glibc
import TestKit
import Testing
import World

@Suite("Files")
struct FilesTests {
    private let place = TemporaryFolder()

    @Test("an atomic write replaces the whole file, leaves nothing beside it and keeps it private")
    func atomic() throws {
        let path = place.path + "/state"
        try AtomicFile.write(Array("a long first content".utf8), to: path)
        try AtomicFile.write(Array("second".utf8), to: path, durable: false)
        #expect(place.read("state") == "second")
        #expect(Folder.names(in: place.path) == ["state"])
        var information = stat()
        #expect(stat(path, &information) == 0 && information.st_mode & 0o777 == 0o600)
    }

    @Test("a write that cannot be made says what and leaves the old content")
    func refused() {
        #expect(throws: WorldError.self) { try AtomicFile.write([1], to: place.path + "/missing/state") }
    }

    @Test("a lock is held once, says by whom, and is free when its holder is gone")
    func lock() throws {
        let path = place.path + "/lock"
        var first = try FileLock.take(path, holder: "first")
        #expect(first != nil)
        #expect(try FileLock.take(path, holder: "second") == nil)
        #expect(place.read("lock") == "first")
        first = nil
        #expect(try FileLock.take(path, holder: "second") != nil)
    }

    @Test("folders are made with their parents")
    func folders() throws {
        try Folder.make(place.path + "/a/b/c")
        try Folder.make(place.path + "/a/b/c")
        #expect(Folder.names(in: place.path + "/a/b") == ["c"])
    }

    @Test("the tail of a file is its last bytes")
    func tail() throws {
        try place.write("log", "0123456789")
        #expect(SmallFile.tail(place.path + "/log", bytes: 3) == "789")
        #expect(SmallFile.tail(place.path + "/log", bytes: 30) == "0123456789")
        #expect(SmallFile.bytes(place.path + "/log", from: 8) == Array("89".utf8))
    }
}
