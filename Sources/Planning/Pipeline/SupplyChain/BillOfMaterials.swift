import Spec

/// What an image holds, as far as its package databases and the locks of its source say it: CycloneDX 1.5, in JSON.
///
/// For where no scanner is installed, which would find more: it says of itself that it is not complete.
package struct BillOfMaterials: Sendable, Hashable {
    package struct Component: Sendable, Hashable {
        package var name: String
        package var version: String
        /// A package URL (<https://github.com/package-url/purl-spec>): unique in the bill.
        package var url: String
    }

    package private(set) var components: [Component] = []
    /// What it was made from.
    package private(set) var sources: [String] = []

    package init() {}

    /// Nothing was found: such a bill would say that the image is empty.
    package var isEmpty: Bool { components.isEmpty }

    private mutating func take(_ found: [Component], from source: String) {
        guard !found.isEmpty else { return }
        sources.append(source)
        components += found
    }

    // MARK: Package databases

    /// `/var/lib/dpkg/status` (deb-control(5)); `distribution` is `debian` or `ubuntu`.
    package mutating func addDebian(_ status: String, distribution: String) {
        var found: [Component] = []
        for block in Self.blocks(status) {
            guard let name = block["Package"], let version = block["Version"],
                block["Status"]?.hasSuffix(" installed") == true
            else { continue }
            let architecture = block["Architecture"].map { "?arch=\(Self.escaped($0))" } ?? ""
            found.append(
                Component(
                    name: name, version: version,
                    url: "pkg:deb/\(distribution)/\(Self.escaped(name))@\(Self.escaped(version))\(architecture)"))
        }
        take(found, from: "dpkg")
    }

    /// `/lib/apk/db/installed`.
    package mutating func addAlpine(_ installed: String) {
        let found = Self.blocks(installed).compactMap { block -> Component? in
            guard let name = block["P"], let version = block["V"] else { return nil }
            return Component(
                name: name, version: version, url: "pkg:apk/alpine/\(Self.escaped(name))@\(Self.escaped(version))")
        }
        take(found, from: "apk")
    }

    /// Blocks of `Key: value` lines with empty lines between them; lines that go on belong to no key that is asked here.
    private static func blocks(_ text: String) -> [[String: String]] {
        var all: [[String: String]] = []
        var block: [String: String] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.isEmpty {
                if !block.isEmpty { all.append(block) }
                block = [:]
            } else if line.first != " ", let colon = line.firstIndex(of: ":") {
                let value = line[line.index(after: colon)...].drop { $0 == " " }
                block[String(line[..<colon])] = String(value)
            }
        }
        return block.isEmpty ? all : all + [block]
    }

    // MARK: Locks of sources

    /// The names of files that are read.
    package static let locks = [
        "requirements.txt", "package-lock.json", "npm-shrinkwrap.json", "go.sum", "Package.resolved",
    ]

    package mutating func addLock(_ name: String, _ text: String) {
        switch name {
        case "requirements.txt": take(Self.python(text), from: name)
        case "package-lock.json", "npm-shrinkwrap.json": take(Self.node(text), from: name)
        case "go.sum": take(Self.go(text), from: name)
        case "Package.resolved": take(Self.swift(text), from: name)
        default: break
        }
    }

    /// Only what is pinned to one version.
    private static func python(_ text: String) -> [Component] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let requirement = line.prefix { $0 != "#" && $0 != ";" && $0 != "\\" }.filter { !$0.isWhitespace }
            guard let range = requirement.firstRange(of: "=="), !requirement.hasPrefix("-") else { return nil }
            let name = requirement[..<range.lowerBound].prefix { $0 != "[" }.lowercased().replacing("_", with: "-")
            let version = requirement[range.upperBound...].split(separator: "--").first.map(String.init) ?? ""
            guard !name.isEmpty, !version.isEmpty, !version.contains("*"), !version.contains(",") else { return nil }
            return Component(name: name, version: version, url: "pkg:pypi/\(escaped(name))@\(escaped(version))")
        }
    }

    /// Versions 2 and 3 of the lock; what is for development only is not in the image.
    private static func node(_ text: String) -> [Component] {
        guard let tree = JSONTree(parsing: Array(text.utf8)) else { return [] }
        return (tree["packages"]?.members ?? []).compactMap { member in
            guard let range = member.key.ranges(of: "node_modules/").last, member.value["dev"] != .bool(true),
                let version = member.value["version"]?.string
            else { return nil }
            let name = String(member.key[range.upperBound...])
            let path = name.split(separator: "/").map { escaped(String($0)) }.joined(separator: "/")
            return Component(name: name, version: version, url: "pkg:npm/\(path)@\(escaped(version))")
        }
    }

    private static func go(_ text: String) -> [Component] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 3, !words[1].hasSuffix("/go.mod") else { return nil }
            let path = words[0].split(separator: "/").map { escaped(String($0)) }.joined(separator: "/")
            return Component(name: words[0], version: words[1], url: "pkg:golang/\(path)@\(escaped(words[1]))")
        }
    }

    /// Versions 1 to 3 of the file.
    private static func swift(_ text: String) -> [Component] {
        guard let tree = JSONTree(parsing: Array(text.utf8)) else { return [] }
        return (tree["pins"]?.items ?? tree["object"]?["pins"]?.items ?? []).compactMap { pin in
            guard let place = pin["location"]?.string ?? pin["repositoryURL"]?.string,
                let version = pin["state"]?["version"]?.string ?? pin["state"]?["revision"]?.string
            else { return nil }
            var path = place[...]
            if let scheme = path.firstRange(of: "://") { path = path[scheme.upperBound...] }
            if path.hasSuffix(".git") { path = path.dropLast(4) }
            let words = path.split(separator: "/").map { escaped(String($0)) }
            guard words.count > 1, let name = words.last else { return nil }
            return Component(
                name: name, version: version, url: "pkg:swift/\(words.joined(separator: "/"))@\(escaped(version))")
        }
    }

    /// For one segment of a package URL.
    private static func escaped(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF")
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e, 0x3a:
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default: out += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
            }
        }
        return out
    }

    // MARK: The document

    /// - Parameters:
    ///   - image: its name with the tag.
    ///   - digest: `sha256:…` of its id.
    ///   - at: in RFC 3339, UTC.
    package func document(image: String, digest: String, at: String, version: String) -> String {
        var seen: Set<String> = []
        let unique = components.sorted { $0.url < $1.url }.filter { seen.insert($0.url).inserted }
        let subject: JSONTree = [
            "type": .text("container"), "bom-ref": .text(digest), "name": .text(image), "version": .text(digest),
        ]
        let tool: JSONTree = ["type": .text("application"), "name": .text("hauban"), "version": .text(version)]
        let metadata: JSONTree = [
            "timestamp": .text(at), "tools": ["components": .list([tool])], "component": subject,
            "properties": .list(sources.map { ["name": .text("hauban:source"), "value": .text($0)] }),
        ]
        let document: JSONTree = [
            "bomFormat": .text("CycloneDX"), "specVersion": .text("1.5"), "version": .number(1), "metadata": metadata,
            "components": .list(
                unique.map { one in
                    [
                        "type": .text("library"), "bom-ref": .text(one.url), "name": .text(one.name),
                        "version": .text(one.version), "purl": .text(one.url),
                    ]
                }),
            // Who builds in the image by hand leaves no trace in a database of packages.
            "compositions": .list([["aggregate": .text("incomplete"), "assemblies": .list([.text(digest)])]]),
        ]
        return document.document
    }
}
