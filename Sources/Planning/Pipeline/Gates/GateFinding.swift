package import Spec

/// One thing that a tool found, in the terms that all tools share.
package struct GateFinding: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, Codable {
        /// A known hole in a package.
        case vulnerability
        /// A key or a password.
        case secret
        /// What static analysis or a linter says of the code.
        case code
        /// A licence that is not allowed, or unknown.
        case licence
        /// Something that a tool left out, although it was asked to look.
        case unseen
        /// What is wrong with an image as such.
        case image
    }

    package var tool: String
    package var kind: Kind
    /// As the tool names it: `CVE-2026-1234`, `F401`.
    package var rule: String
    /// Other names of the same.
    package var aliases: [String]
    /// `nil` when the tool knows none.
    package var level: Level?
    package var message: String
    /// Relative to the folder of hauban.yaml.
    package var file: String?
    package var line: Int?
    /// Name and version.
    package var package: String?
    /// Versions that are mended.
    package var fixedIn: [String]

    package init(
        tool: String, kind: Kind, rule: String, aliases: [String] = [], level: Level? = nil, message: String,
        file: String? = nil, line: Int? = nil, package: String? = nil, fixedIn: [String] = []
    ) {
        self.tool = Untrusted.word(tool)
        self.kind = kind
        self.rule = Untrusted.word(rule)
        self.aliases = aliases.map(Untrusted.word)
        self.level = level
        self.message = Untrusted.text(message)
        self.file = file.flatMap(Untrusted.path)
        self.line = line.flatMap { (1...10_000_000).contains($0) ? $0 : nil }
        self.package = package.map(Untrusted.word)
        self.fixedIn = fixedIn.prefix(5).map(Untrusted.word)
    }

    /// The same for the same find in another run: neither line nor wording count.
    package var fingerprint: String {
        [tool, kind.rawValue, rule, file ?? "", package.map { String($0.prefix { $0 != " " }) } ?? ""]
            .joined(separator: "|")
    }

    /// Where it is, for a table.
    package var place: String {
        if let file { return file + (line.map { ":\($0)" } ?? "") }
        return package ?? ""
    }
}

/// Texts of tools' reports: somebody else's, so short, on one line and without anything that steers a terminal.
enum Untrusted {
    static func text(_ text: String, limit: Int = 400) -> String {
        var out = ""
        var count = 0
        for scalar in text.unicodeScalars {
            if count >= limit { return out + "…" }
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                if out.last != " " { out += " " }
            default: out.unicodeScalars.append(scalar)
            }
            count += 1
        }
        while out.last == " " { out.removeLast() }
        return out
    }

    static func word(_ text: String) -> String { self.text(text, limit: 160) }

    /// - Returns: `nil` for one outside.
    static func path(_ text: String) -> String? {
        var rest = self.text(text, limit: 1000)
        if rest.hasPrefix("file://") { rest.removeFirst(7) }
        while rest.hasPrefix("./") { rest.removeFirst(2) }
        guard !rest.isEmpty, !rest.hasPrefix("/"), !rest.split(separator: "/").contains("..") else { return nil }
        return rest
    }
}
