package import Spec

/// A step of a build that did not end well.
package struct BuildFailure: Error, Sendable, Hashable, CustomStringConvertible {
    package var service: ServiceName
    /// What was run.
    package var step: String
    /// How it ended: "exited with code 1", "took longer than 15 minutes".
    package var ending: String
    /// The last lines that it wrote.
    package var lastLines: [String]
    package var log: String
    package var hint: String
    /// It was killed at its deadline.
    package var isLate = false

    /// The stable word for programs.
    package var code: String { isLate ? "build-late" : "build-failed" }

    /// What mends it if that is known, and the last lines that it wrote.
    package var mend: String {
        let head = hint.isEmpty ? "Its whole output is in \(log)." : hint
        let lines = lastLines.suffix(8)
        return lines.isEmpty ? head : "\(head) It wrote:\n    " + lines.joined(separator: "\n    ")
    }

    package var description: String {
        let lines = lastLines.map { "  | \($0)\n" }.joined()
        return "cannot build \(service): `\(step)` \(ending)\n\(lines)  log: \(log)"
            + (hint.isEmpty ? "" : "\n  hint: \(hint)")
    }

    /// What the last lines of well-known tools mean.
    static func hint(step: String, lines: [String]) -> String {
        let text = lines.joined(separator: "\n")
        let known = [
            ("No matching distribution found", "Correct the requirement; `pip index versions NAME` lists what exists."),
            ("ResolutionImpossible", "Two requirements contradict each other; loosen one of them."),
            ("ensurepip is not available", "Run `apt-get install python3-venv`."),
            ("Temporary failure in name resolution", "The package registry cannot be reached; check the network."),
            (
                "can only install packages when your package.json and package-lock.json",
                "Run `npm install` and commit package-lock.json."
            ),
            ("Python.h: No such file", "Run `apt-get install python3-dev`."),
            ("No space left on device", "Free some disk space; `hauban down` and old builds can go."),
        ]
        return known.first { text.contains($0.0) }?.1 ?? ""
    }
}
