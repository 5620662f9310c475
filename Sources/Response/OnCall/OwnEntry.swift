package import Spec

/// How a person says that they are reached, in the place of what hauban.yaml says of them.
package struct OwnEntry: Hashable, Codable, Sendable {
    package var person: String
    /// As it would stand below `people.NAME` in hauban.yaml: the language's own text, so that its rules are the file's.
    package var text: String
    /// Who changed it last, and when.
    package var by: String
    package var at: Moment

    package init(person: String, text: String, by: String, at: Moment) {
        self.person = person
        self.text = text
        self.by = by
        self.at = at
    }
}

extension Rulebook {
    /// A person's card by an entry, or everything that is wrong with the entry.
    package func card(_ name: String, entry text: String) -> Result<ContactCard, EntryFaults> {
        guard text.utf8.count <= Self.longestEntry else {
            return .failure(.init([.init(path: "", message: "it is longer than \(Self.longestEntry) bytes")]))
        }
        let (person, findings) = Person.read(text, name: name)
        guard let person else { return .failure(.init(findings)) }
        // The clock of a zone that nobody declared cannot be read here.
        let named = [("zone", person.zone), ("quiet.zone", person.quiet?.zone ?? person.zone)]
        let unknown = named.filter { $0.1 != "UTC" && zones[$0.1] == nil }.map { path, zone in
            Person.Finding(
                path: path, message: "the time zone `\(zone)` is not known here",
                help: "Known are \((Array(zones.keys) + ["UTC"]).sorted().joined(separator: ", ")).")
        }
        guard let first = unknown.first else {
            let zone = zones[person.quiet?.zone ?? person.zone] ?? .utc
            return .success(ContactCard(name, person, quietBy: zone, language: language))
        }
        return .failure(.init([first]))
    }

    static let longestEntry = 16_384

    /// What is wrong with an entry.
    package struct EntryFaults: Error, Hashable, Sendable {
        package var findings: [Person.Finding]

        init(_ findings: [Person.Finding]) { self.findings = findings }
    }
}

extension Responder {
    /// Takes a person's own entry, or goes back to the file's.
    mutating func put(entry text: String?, of person: String, by actor: String) throws(Refusal) {
        guard rules.people[person] != nil else { throw .unknownPerson(person) }
        if let text {
            if case .failure(let faults) = rules.card(person, entry: text) {
                throw .wrongEntry(faults.findings.map { "\($0.path): \($0.message)" }.joined(separator: "; "))
            }
            let entry = OwnEntry(person: person, text: text, by: actor, at: now)
            entries[person] = entry
            save(.entryOfPerson(entry))
        } else if entries.removeValue(forKey: person) != nil {
            drop(.person, person)
        }
        arranged()
    }

    /// Puts what people say of themselves in the place of what the file says.
    ///
    /// An entry that rules of today refuse, or of somebody whom the file no longer knows, counts for nothing: the file's holds.
    mutating func applyEntries() {
        for (person, entry) in entries where rules.people[person] != nil {
            if case .success(let card) = rules.card(person, entry: entry.text) { directory.people[person] = card }
        }
    }
}
