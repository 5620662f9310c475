extension Person {
    /// What is wrong with one key of a person's entry.
    package struct Finding: Sendable, Hashable, Error {
        /// Below the person: `phone`, `order.critical.[0].by`.
        package var path: String
        package var message: String
        package var help: String?

        package init(path: String, message: String, help: String? = nil) {
            self.path = path
            self.message = message
            self.help = help
        }
    }

    /// Reads one person's entry as it would stand below `people.NAME` in hauban.yaml, by the same rules.
    ///
    /// - Parameter text: YAML, so JSON as well; `{}` is a person whom no way leads to.
    /// - Returns: the person only if nothing is wrong.
    package static func read(_ text: String, name: String) -> (person: Person?, findings: [Finding]) {
        let (node, problems) = YAMLReader.read(SourceText(name: name, text: text))
        let reading = Reading(environment: nil, explains: false)
        let person = node.flatMap { shape.take($0, SpecPath([name]), reading) }
        let findings = (problems + reading.findings).filter { $0.severity == .error }.map { finding in
            Finding(
                path: finding.path.components.dropFirst().joined(separator: "."), message: finding.message,
                help: finding.help)
        }
        return (findings.isEmpty && reading.isWhole ? person : nil, findings)
    }
}
