import Foundation
import Glibc
import Testing
import World

/// A new empty folder; the test removes it.
func makeScratch() throws -> String {
    var template = Array("/tmp/hauban-world-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

func removeScratch(_ folder: String) { try? FileManager.default.removeItem(atPath: folder) }

func write(_ text: String, _ path: String) throws {
    try Folder.make(String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]), mode: 0o755)
    try AtomicFile.write(Array(text.utf8), to: path, mode: 0o644)
}
