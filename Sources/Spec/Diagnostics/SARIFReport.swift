/// Prints diagnostics as SARIF 2.1.0 (OASIS standard), which code hosts and editors show beside the lines.
package struct SARIFReport: Sendable {
    /// The standard's own address of its schema (SARIF 2.1.0, section 3.13.3).
    package static let schema =
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

    package var source: SourceText
    /// Of the tool that ran; left out when unknown.
    package var version: String?

    package init(source: SourceText, version: String? = nil) {
        self.source = source
        self.version = version
    }

    /// One log with one run, in the order of the file, ending with a line end.
    package func text(_ diagnostics: [Diagnostic]) -> String {
        let ordered = diagnostics.ordered
        var firsts: [String: Diagnostic] = [:]
        for diagnostic in ordered where firsts[diagnostic.code] == nil { firsts[diagnostic.code] = diagnostic }
        let rules = firsts.sorted { $0.key < $1.key }
        let codes = rules.map(\.key)
        let files = [nil] + Set(ordered.compactMap(\.file)).sorted()
        var driver: [JSONTree.Member] = [.init("name", .text("hauban"))]
        if let version { driver.append(.init("version", .text(version))) }
        driver.append(.init("rules", .list(rules.map { rule(of: $0.value) })))
        let run: JSONTree = [
            "tool": ["driver": .object(driver)],
            // Section 3.14.17: a column counts Unicode code points, as ``Span`` does.
            "columnKind": .text("unicodeCodePoints"),
            "artifacts": .list(files.map { ["location": location($0)] }),
            "results": .list(ordered.map { result($0, rules: codes) }),
        ]
        let log: JSONTree = ["$schema": .text(Self.schema), "version": .text("2.1.0"), "runs": .list([run])]
        return log.document
    }

    /// Section 3.49.
    private func rule(of diagnostic: Diagnostic) -> JSONTree {
        if let rule = diagnostic.rule {
            let help = "\(rule.reason)\n\n\(rule.fix)\n"
            return [
                "id": .text(rule.id),
                "shortDescription": ["text": .text(rule.title)],
                "fullDescription": ["text": .text(rule.reason)],
                "help": ["text": .text(help), "markdown": .text(help)],
                "defaultConfiguration": ["level": level(diagnostic.severity)],
            ]
        }
        let id = diagnostic.id
        let page = id.page
        return [
            "id": .text(id.rawValue),
            "shortDescription": ["text": .text(page.title)],
            "fullDescription": ["text": .text(page.why)],
            "help": ["text": .text(page.text), "markdown": .text(page.markdown)],
            "defaultConfiguration": ["level": level(id.severity)],
        ]
    }

    /// Section 3.27.
    private func result(_ diagnostic: Diagnostic, rules: [String]) -> JSONTree {
        let suffix = diagnostic.environment.map { " (environment \($0))" } ?? ""
        let help = diagnostic.help.map { "\n" + $0 } ?? ""
        var place: [JSONTree.Member] = [.init("physicalLocation", physical(diagnostic.span, in: diagnostic.file))]
        if !diagnostic.path.components.isEmpty {
            place.append(
                .init("logicalLocations", .list([["fullyQualifiedName": .text(diagnostic.path.description)]])))
        }
        var members: [JSONTree.Member] = [
            .init("ruleId", .text(diagnostic.code)),
            .init("ruleIndex", .number(rules.firstIndex(of: diagnostic.code) ?? -1)),
            .init("level", level(diagnostic.severity)),
            .init("message", ["text": .text(diagnostic.message + suffix + help)]),
            .init("locations", .list([.object(place)])),
        ]
        let related = diagnostic.notes.enumerated().map { index, note -> JSONTree in
            [
                "id": .number(index + 1),
                "physicalLocation": physical(note.span, in: diagnostic.file),
                "message": ["text": .text(note.message)],
            ]
        }
        if !related.isEmpty { members.append(.init("relatedLocations", .list(related))) }
        if let fix = diagnostic.fix, let span = diagnostic.span {
            members.append(.init("fixes", .list([tree(fix, at: span, in: diagnostic.file)])))
        }
        return .object(members)
    }

    /// Section 3.55.
    private func tree(_ fix: Diagnostic.Fix, at span: Span, in file: String?) -> JSONTree {
        let replacement: JSONTree = [
            "deletedRegion": region(span), "insertedContent": ["text": .text(fix.replacement)],
        ]
        return [
            "description": ["text": .text("replace with `\(fix.replacement)`")],
            "artifactChanges": .list([["artifactLocation": location(file), "replacements": .list([replacement])]]),
        ]
    }

    /// Section 3.29; a finding without a place is the whole file's.
    private func physical(_ span: Span?, in file: String?) -> JSONTree {
        var members: [JSONTree.Member] = [.init("artifactLocation", location(file))]
        if let span { members.append(.init("region", region(span))) }
        return .object(members)
    }

    /// Section 3.30; `endColumn` is the column behind the last character.
    private func region(_ span: Span) -> JSONTree {
        [
            "startLine": .number(span.line), "startColumn": .number(span.column),
            "endColumn": .number(span.column + span.length),
        ]
    }

    private func level(_ severity: Diagnostic.Severity) -> JSONTree { .text(severity.rawValue) }

    private func location(_ file: String?) -> JSONTree { ["uri": .text(Self.uri(of: file ?? source.name))] }

    /// The file's name as a URI reference (RFC 3986, section 4.1): everything but unreserved characters and `/` encoded.
    static func uri(of name: String) -> String {
        let hex = Array("0123456789ABCDEF")
        var out = name.hasPrefix("/") ? "file://" : ""
        for byte in name.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x2f, 0x5f, 0x7e:
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default: out += "%" + String([hex[Int(byte >> 4)], hex[Int(byte & 15)]])
            }
        }
        return out
    }
}
