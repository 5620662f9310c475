import Spec

/// Reads the reports of tools: by what is in them, not by their names.
package enum StepReports {
    /// What one report says.
    package enum Report: Sendable, Hashable {
        case findings([GateFinding])
        case tests(TestTally)
        case coverage(LineCoverage)
        /// Packages with their licences, as SPDX expressions; `nil` where none is known.
        case components([Component])
        /// Nothing that a gate reads.
        case other
        /// It should be a report, and cannot be read.
        case broken(String)
    }

    package struct Component: Sendable, Hashable {
        package var name: String
        package var licence: String?

        package init(name: String, licence: String?) {
            self.name = Untrusted.word(name)
            self.licence = licence.map(Untrusted.word)
        }
    }

    /// What is read of a report at most; a larger one is broken.
    package static let largest = 64 << 20

    /// Whether a file's name looks like that of a report.
    package static func isReport(_ name: String) -> Bool {
        [".xml", ".json", ".sarif", ".info", ".out"].contains { name.hasSuffix($0) }
    }

    /// Total: any bytes give a report.
    ///
    /// - Parameter folder: of the step, relative to that of hauban.yaml: where its files lie.
    package static func read(_ name: String, _ bytes: [UInt8], in folder: String = "") -> Report {
        guard bytes.count <= largest else { return .broken("\(name) is larger than \(largest >> 20) MiB") }
        let start = bytes.first {
            $0 != 0x20 && $0 != 0x0a && $0 != 0x0d && $0 != 0x09 && $0 != 0xef && $0 != 0xbb && $0 != 0xbf
        }
        switch start {
        case nil:
            return isReport(name) ? .broken("\(name) is empty") : .other
        case 0x7b, 0x5b:
            guard let tree = JSONTree(parsing: bytes) else { return .broken("\(name) is no whole JSON") }
            return JSONReports.read(tree, name, in: folder)
        case 0x3c:
            do throws(StrictXML.Fault) {
                return try XMLReports.read(bytes, name, in: folder)
            } catch {
                return .broken("\(name) cannot be read: \(error.text)")
            }
        default: return TextReports.read(bytes)
        }
    }
}

/// Coverage as lines of text.
enum TextReports {
    static func read(_ bytes: [UInt8]) -> StepReports.Report {
        if bytes.starts(with: "mode: ".utf8) { return .coverage(go(bytes)) }
        if bytes.starts(with: "TN:".utf8) || bytes.starts(with: "SF:".utf8) { return .coverage(lcov(bytes)) }
        return .other
    }

    /// LCOV's tracefile (geninfo(1)): `SF:` begins a file, `DA:LINE,COUNT` is a line, `end_of_record` ends it.
    private static func lcov(_ bytes: [UInt8]) -> LineCoverage {
        var files: [String: [Int: Bool]] = [:]
        var file = ""
        for line in bytes.split(separator: 0x0a) {
            if line.starts(with: "SF:".utf8) {
                file = String(decoding: line.dropFirst(3), as: UTF8.self)
            } else if line.starts(with: "DA:".utf8) {
                let parts = String(decoding: line.dropFirst(3), as: UTF8.self).split(separator: ",")
                guard parts.count >= 2, let number = Int(parts[0]), let count = Double(parts[1].filter { $0 != "\r" })
                else { continue }
                files[file, default: [:]][number] = (files[file]?[number] ?? false) || count > 0
            }
        }
        return tally(files.values.flatMap(\.values))
    }

    /// Go's profile (golang.org/x/tools/cover): `FILE:LINE.COLUMN,LINE.COLUMN STATEMENTS COUNT`; statements count.
    private static func go(_ bytes: [UInt8]) -> LineCoverage {
        var blocks: [String: (statements: Int, isRun: Bool)] = [:]
        for line in bytes.split(separator: 0x0a).dropFirst() {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            guard words.count == 3, let statements = Int(words[1]), (0...100_000).contains(statements),
                let count = Int(words[2])
            else { continue }
            let name = String(words[0])
            blocks[name] = (statements, (blocks[name]?.isRun ?? false) || count > 0)
        }
        return LineCoverage(
            covered: blocks.values.reduce(0) { $0 + ($1.isRun ? $1.statements : 0) },
            lines: blocks.values.reduce(0) { $0 + $1.statements })
    }

    static func tally(_ lines: [Bool]) -> LineCoverage {
        LineCoverage(covered: lines.count { $0 }, lines: lines.count)
    }
}
