package import Spec

/// What two environments of one platform do not have in common, as CE-2.5 asks of a staging and its production.
package struct ParityReport: Sendable {
    package struct Difference: Sendable, Hashable {
        package enum Kind: String, Sendable, CaseIterable {
            /// What passes in one proves nothing for the other.
            case meaning
            /// How much there is of it.
            case size
            /// Where it is and how it is shipped.
            case place
            /// Who is told.
            case response
        }

        package var kind: Kind
        /// In the merged platform; an environment's own keys by their names alone, such as `tls.minimum`.
        package var path: SpecPath
        /// As an author would write it; `nil` where only the other one has it.
        package var here: String?
        package var there: String?
        /// Where the first environment, or else the second, was told so.
        package var span: Span?
    }

    package let environment: EnvironmentName
    package let other: EnvironmentName
    /// All of them, in the order of their paths.
    package let all: [Difference]

    /// Those that are more than size, place and who is told.
    package var differences: [Difference] { all.filter { $0.kind == .meaning } }

    /// - Returns: `nil` when one of the environments does not exist or could not be read whole.
    package init?(_ parsed: ParsedPlatform, of environment: EnvironmentName, like other: EnvironmentName) {
        guard let here = parsed.environments[environment], let there = parsed.environments[other] else { return nil }
        self.environment = environment
        self.other = other
        let same = ParityRules.same(here, environment, there, other)
        let mine = Self.values(parsed, environment, same)
        let theirs = Self.values(parsed, other, same)
        var found: [SpecPath: Difference] = [:]
        for (path, value) in mine where theirs.values[path] != value {
            let place = theirs.holds(path)
            found[place] = Difference(
                kind: ParityRules.kind(of: place), path: place, here: place == path ? value : "…",
                there: theirs.values[place])
        }
        for (path, value) in theirs where mine.values[path] != value && found[path] == nil {
            let place = mine.holds(path)
            guard found[place] == nil else { continue }
            found[place] = Difference(
                kind: ParityRules.kind(of: place), path: place, here: mine.values[place],
                there: place == path ? value : "…")
        }
        // A list is told as a whole, not item by item.
        for path in found.keys where path.components.last?.hasPrefix("[") == true && found[path.parent] != nil {
            found[path] = nil
        }
        all = found.values.sorted { $0.path < $1.path }.map { difference in
            var difference = difference
            difference.span =
                Self.span(difference.path, parsed, environment) ?? Self.span(difference.path, parsed, other)
            return difference
        }
    }

    /// What an environment says, by path.
    private struct Values: Sequence {
        var values: [SpecPath: String] = [:]
        /// Every path that leads to a value.
        var holders: Set<SpecPath> = []

        /// The highest part of a path of which nothing is here, or the path itself.
        func holds(_ path: SpecPath) -> SpecPath {
            var place = SpecPath()
            for component in path.components {
                place = place.appending(component)
                if !holders.contains(place) { return place }
            }
            return path
        }

        func makeIterator() -> [(SpecPath, String)].Iterator {
            values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }.makeIterator()
        }
    }

    private static func values(
        _ parsed: ParsedPlatform, _ environment: EnvironmentName, _ same: ParityRules.Same
    ) -> Values {
        var values = Values()
        for explained in parsed.explain(SpecPath(), in: environment) {
            // An empty map or list says no more than none.
            guard let path = ParityRules.compared(explained.path, in: environment), explained.value != "{}",
                explained.value != "[]"
            else { continue }
            if !same.holds(path) { values.values[path] = ParityRules.shown(explained.value, at: path) }
            var holder = path
            while !holder.components.isEmpty, values.holders.insert(holder).inserted { holder = holder.parent }
        }
        return values
    }

    private static func span(_ path: SpecPath, _ parsed: ParsedPlatform, _ environment: EnvironmentName) -> Span? {
        let own = SpecPath(["environments", environment.text] + path.components)
        if parsed.isWritten(own, in: environment) { return parsed.keySpan(of: own, in: environment) }
        return parsed.isWritten(path, in: environment) ? parsed.keySpan(of: path, in: environment) : nil
    }
}

extension ParityReport.Difference {
    /// One line for people.
    package func text(_ environment: EnvironmentName, _ other: EnvironmentName) -> String {
        switch (here, there) {
        case (let here?, let there?): "\(path): \(here) in \(environment), \(there) in \(other)"
        case (let here?, nil): "\(path)\(here == "…" ? "" : ": \(here)") only in \(environment)"
        case (nil, let there?): "\(path)\(there == "…" ? "" : ": \(there)") only in \(other)"
        case (nil, nil): "\(path)"
        }
    }
}
