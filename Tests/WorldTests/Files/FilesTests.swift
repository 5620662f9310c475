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

    @Test("a file with a standby is replaced whole, shrinks and grows, and keeps its next blocks beside it")
    func standby() throws {
        let path = place.path + "/state.json"
        for text in ["[1]", "[" + String(repeating: "1,", count: 9000) + "1]", "[2]", "[3]"] {
            try StandbyFile.write(Array(text.utf8), to: path, durable: false)
            let read = place.read("state.json")
            #expect(read.prefix(text.count) == text)
            #expect(read.dropFirst(text.count).allSatisfy { $0 == " " }, "nothing of an older version is left")
        }
        #expect(Folder.names(in: place.path) == ["state.json", "state.json.new"])
        var information = stat()
        #expect(stat(path + ".new", &information) == 0 && information.st_blocks > 0)
    }

    @Test("a file with a standby is replaced on a full disk; another is not, and leaves no part behind")
    func fullDisk() throws {
        try #require(geteuid() == 0, "mounting a small disk takes root: run the tests as root, as CI does")
        let disk = place.path + "/disk"
        try Folder.make(disk)
        try #require(mount("tmpfs", disk, "tmpfs", 0, "size=256k") == 0)
        defer { umount2(disk, 2) }
        let path = disk + "/state.json"
        for text in ["[1]", "[2]"] { try StandbyFile.write(Array(text.utf8), to: path) }
        let filler = open(disk + "/filler", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        while write(filler, [UInt8](repeating: 1, count: 4096), 4096) > 0 {}
        close(filler)
        for text in ["[3]", "[4]", "[5]"] {
            try StandbyFile.write(Array(text.utf8), to: path)
            #expect(SmallFile.text(path)?.hasPrefix(text) == true)
        }
        let error = #expect(throws: WorldError.self) { try AtomicFile.write([1, 2, 3], to: disk + "/other") }
        #expect(error?.code == "disk-full")
        #expect(error?.hint.contains("Make room") == true)
        #expect(!Folder.names(in: disk).contains("other.new"))
        #expect(Storage.refusal(at: disk + "/not/there/yet") == SystemError(ENOSPC))
        #expect(Storage.refusal(at: place.path) == nil)
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
