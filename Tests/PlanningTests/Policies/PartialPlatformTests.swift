import Foundation
import Planning
import Spec
import TestKit
import Testing

/// A finding without its place in the file, which an inserted line moves.
private struct Said: Hashable, CustomStringConvertible {
    var id: DiagnosticID
    var message: String
    var path: SpecPath

    var description: String { "\(path): \(message) [\(id.rawValue)]" }
}

/// What is wrong with a text, with the rules' findings.
private func said(of text: String) throws -> Set<Said> {
    let today = try #require(BadPlatform.today)
    let parsed = ParsedPlatform.parse(text: text, name: "hauban.yaml")
    return Set(Policies.check(parsed, today: today).map { Said(id: $0.id, message: $0.message, path: $0.path) })
}

/// Broken platforms as far as they can be read: all findings in one run, and none that only follows from another.
@Suite("Platforms that are read in part")
struct PartialPlatformTests {
    private static let word = "qqqqqq"
    private static let examples = ["skillforge", "personal-assistant", "consciousness-engine", "incident-platform"]
    private static let bad: [GoldenCase] = BadPlatform.all + Golden.cases("../../SpecTests/Golden/bad")

    private static func example(_ name: String) throws -> String {
        let file = Golden.repository().appendingPathComponent("Examples/\(name)/hauban.yaml")
        return String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }

    @Test("what is wrong with a platform is said whatever else is wrong with it", arguments: bad)
    func nothingHides(_ golden: GoldenCase) async throws {
        guard let text = String(validating: try golden.bytes("hauban.yaml"), as: UTF8.self) else { return }
        let alone = try said(of: text)
        // What stops the reader stops everything.
        guard !alone.contains(where: { $0.path.components.isEmpty }) else { return }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for index in lines.indices {
            guard let together = try Self.withUnknownKey(lines, before: index) else { continue }
            let missing = alone.subtracting(together)
            await Task.yield()
            #expect(missing.isEmpty, "with an unknown key in front of line \(index + 1)")
        }
    }

    @Test("an unknown key hides nothing and is all that is said of it", arguments: examples)
    func unknownKeyAlone(_ name: String) async throws {
        let lines = try Self.example(name).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var places = 0
        for index in stride(from: 0, to: lines.count, by: 16) {
            guard let together = try Self.withUnknownKey(lines, before: index) else { continue }
            places += 1
            await Task.yield()
            #expect(together.allSatisfy { $0.path.components.last == Self.word }, "in front of line \(index + 1)")
        }
        #expect(places > 2)
    }

    @Test("a value that cannot be read is the only finding: nothing follows from it", arguments: examples)
    func unreadableAlone(_ name: String) async throws {
        let text = try Self.example(name)
        var random = SeededGenerator(seed: 7)
        let values = try Self.scalars(text).shuffled(using: &random).prefix(20)
        for value in values {
            let found = try said(of: Self.replace(value.span, in: text, with: "[[]]"))
            let path = Self.inForce(value.path)
            await Task.yield()
            #expect(
                found.contains { $0.path.starts(with: path) } || Self.takesAnything(value.path), "\(value.path)")
            let others = found.filter { !$0.path.starts(with: path) }
            #expect(others.isEmpty, "\(value.path) cannot be read")
        }
    }

    @Test("a misspelt key is the only finding: nothing follows from what it meant", arguments: examples)
    func slipAlone(_ name: String) async throws {
        let text = try Self.example(name)
        var random = SeededGenerator(seed: 11)
        var slips = 0
        for key in try Self.keys(text).shuffled(using: &random).prefix(40) {
            guard let word = key.path.components.last, word.count > 2 else { continue }
            let found = try said(of: Self.replace(key.span, in: text, with: word + "q"))
            let wrong = Self.inForce(key.path.parent.appending(word + "q"))
            guard found.contains(where: { $0.id == .unknownKey && $0.path == wrong }) else { continue }
            slips += 1
            await Task.yield()
            // What an overlay writes below the same key is read without what the misspelt one holds.
            let others = found.filter { $0.path != wrong && !$0.path.starts(with: key.path) }
            #expect(others.isEmpty, "\(key.path) is misspelt")
        }
        #expect(slips > 8)
    }

    @Test("an environment in which anything is wrong is none that could be shipped")
    func neverShipped() throws {
        var random = SeededGenerator(seed: 3)
        for name in Self.examples {
            let text = try Self.example(name)
            for value in try Self.scalars(text).shuffled(using: &random).prefix(6)
            where !Self.takesAnything(value.path) {
                let parsed = ParsedPlatform.parse(
                    text: Self.replace(value.span, in: text, with: "[[]]"), name: "hauban.yaml")
                let environment = value.path.components.first == "environments" ? value.path.components[1] : nil
                #expect(parsed.diagnostics.hasErrors && (environment != nil || parsed.base == nil), "\(value.path)")
                if let environment = environment.flatMap({ EnvironmentName($0) }) {
                    #expect(parsed.environments[environment] == nil)
                }
            }
        }
    }

    // MARK: Faults

    /// What is said with `qqqqqq: 1` as a key of the map at a line; `nil` where it is no unknown key.
    private static func withUnknownKey(_ lines: [String], before index: Int) throws -> Set<Said>? {
        let line = lines[index]
        let rest = line.drop { $0 == " " }
        guard let first = rest.first, first.isLetter, rest.contains(":") else { return nil }
        var copy = lines
        copy.insert(String(line.prefix { $0 == " " }) + "\(word): 1", at: index)
        let found = try said(of: copy.joined(separator: "\n"))
        return found.contains { $0.id == .unknownKey && $0.path.components.last == word } ? found : nil
    }

    private struct Place {
        var path: SpecPath
        var span: Span
    }

    /// The scalars that stand on one line.
    private static func scalars(_ text: String) throws -> [Place] {
        try places(text) { node, path in
            if case .scalar = node.value, node.span.length > 0 {
                return [Place(path: path, span: node.span)]
            }
            return []
        }
    }

    private static func keys(_ text: String) throws -> [Place] {
        try places(text) { node, path in
            guard case .map(let entries) = node.value else { return [] }
            return entries.map { Place(path: path.appending($0.key), span: $0.keySpan) }
        }
    }

    private static func places(_ text: String, _ of: (Node, SpecPath) -> [Place]) throws -> [Place] {
        let source = SourceText(name: "hauban.yaml", text: text)
        var found: [Place] = []
        func visit(_ node: Node, _ path: SpecPath) {
            // A block of several lines cannot be replaced by its first.
            found += of(node, path).filter { place in
                source.text(at: place.span).map { !$0.hasPrefix("|") && !$0.hasPrefix(">") } ?? false
            }
            switch node.value {
            case .scalar: break
            case .list(let items): for (index, item) in items.enumerated() { visit(item, path.appending(index: index)) }
            case .map(let entries): for entry in entries { visit(entry.value, path.appending(entry.key)) }
            }
        }
        visit(try #require(YAMLReader.read(source).node), SpecPath())
        return found
    }

    private static func replace(_ span: Span, in text: String, with other: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var scalars = Array(lines[span.line - 1].unicodeScalars)
        scalars.replaceSubrange(span.column - 1..<span.column - 1 + span.length, with: other.unicodeScalars)
        var line = ""
        line.unicodeScalars.append(contentsOf: scalars)
        lines[span.line - 1] = line
        return lines.joined(separator: "\n")
    }

    /// What an environment writes over a section is said at the section's path.
    private static func inForce(_ path: SpecPath) -> SpecPath {
        let parts = path.components
        guard parts.count > 2, parts[0] == "environments", Environment.overlays.contains(parts[2]) else { return path }
        return SpecPath(Array(parts.dropFirst(2)))
    }

    /// JSON bodies and patches.
    private static func takesAnything(_ path: SpecPath) -> Bool {
        path.components.contains { $0 == "json" || $0 == "patch" }
    }
}
