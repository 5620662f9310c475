import Foundation
import Glibc
import Testing
import World

@Suite("Source trees")
struct SourceTreeTests {
    let folder: String
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""

    init() throws { folder = try makeScratch() }

    private func read(_ folder: String, limits: SourceTree.Limits = .init()) async throws -> SourceTree {
        try await SourceTree.read(folder, path: path, runner: .live, limits: limits)
    }

    @Test("a known input has its published SHA-256")
    func known() {
        defer { removeScratch(folder) }
        #expect(
            ContentHash(of: Array("abc".utf8)).hex
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(ContentHash(of: ["ab", "c"]) != ContentHash(of: ["a", "bc"]))
    }

    @Test("what git listed elsewhere counts as a whole, whatever its names")
    func everything() async throws {
        defer { removeScratch(folder) }
        try write("one", folder + "/dist/a.txt")
        try write("two", folder + "/b.txt")
        #expect(try await read(folder).entries.map(\.path) == ["b.txt"])
        let all = try await SourceTree.read(folder, path: SourceTree.everything, runner: .live)
        #expect(all.entries.map(\.path) == ["b.txt", "dist/a.txt"])
    }

    @Test("content, name, execute bit and link target each change the hash; times do not")
    func changes() async throws {
        defer { removeScratch(folder) }
        try write("one", folder + "/a/b.txt")
        symlink("a/b.txt", folder + "/link")
        var hashes: [ContentHash] = [try await read(folder).hash()]
        try write("two", folder + "/a/b.txt")
        hashes.append(try await read(folder).hash())
        chmod(folder + "/a/b.txt", 0o755)
        hashes.append(try await read(folder).hash())
        rename(folder + "/a/b.txt", folder + "/a/c.txt")
        hashes.append(try await read(folder).hash())
        unlink(folder + "/link")
        symlink("a/c.txt", folder + "/link")
        hashes.append(try await read(folder).hash())
        #expect(Set(hashes).count == hashes.count)
        utimes(folder + "/a/c.txt", nil)
        #expect(try await read(folder).hash() == hashes.last)
    }

    @Test("outside git the usual litter is left out")
    func litter() async throws {
        defer { removeScratch(folder) }
        for name in ["app.py", ".venv/x", "node_modules/y/z.js", "pkg/__pycache__/a.pyc", "dist/o", "pkg/m.py"] {
            try write("x", folder + "/" + name)
        }
        #expect(try await read(folder).entries.map(\.path) == ["app.py", "pkg/m.py"])
    }

    @Test("inside git the tree is what git would commit, new files included and deleted ones not")
    func git() async throws {
        defer { removeScratch(folder) }
        try write("*.log\ndata/\n", folder + "/.gitignore")
        for name in ["kept.py", "gone.py", "dist/built.js", "noise.log", "data/big"] {
            try write("x", folder + "/" + name)
        }
        for words in [["init", "-q"], ["add", "-A"]] {
            let result = try await CommandRunner.live(
                Command(
                    arguments: ["git"] + words, environment: ["PATH": path, "HOME": folder], workingDirectory: folder,
                    deadline: .seconds(60)))
            #expect(result.isSuccess, "\(result.errors)")
        }
        unlink(folder + "/gone.py")
        try write("x", folder + "/new.py")
        #expect(
            try await read(folder).entries.map(\.path) == [".gitignore", "dist/built.js", "kept.py", "new.py"])
        // A folder that git ignores is listed by walking it.
        #expect(try await read(folder + "/data").entries.map(\.path) == ["big"])
    }

    @Test("a copy has the same hash, and later edits of the source do not reach it")
    func copy() async throws {
        defer { removeScratch(folder) }
        try write("one", folder + "/source/a/b.sh")
        chmod(folder + "/source/a/b.sh", 0o700)
        symlink("a/b.sh", folder + "/source/link")
        let tree = try await read(folder + "/source")
        try Folder.make(folder + "/copy")
        try tree.copy(to: folder + "/copy")
        let hash = try tree.hash()
        try write("edited", folder + "/source/a/b.sh")
        #expect(try SourceTree.whole(folder + "/copy").hash() == hash)
        #expect(try await read(folder + "/source").hash() != hash)
    }

    @Test("a folder beyond the limits, or none at all, is an error with a hint")
    func limits() async throws {
        defer { removeScratch(folder) }
        for index in 0..<5 { try write("12345", folder + "/f\(index)") }
        for limits in [SourceTree.Limits(files: 4), SourceTree.Limits(bytes: 24)] {
            let error = await #expect(throws: WorldError.self) { try await read(folder, limits: limits) }
            #expect(error?.code == "source-too-large")
            #expect(error?.hint.isEmpty == false)
        }
        let error = await #expect(throws: WorldError.self) { try await read(folder + "/none") }
        #expect(error?.code == "folder-missing")
    }
}
