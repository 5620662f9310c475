package import Spec

/// A kind of source that Hauban knows how to build.
package enum Stack: String, Sendable, Hashable, Codable, CaseIterable {
    case python, node, swift, go
    /// Files that the front door serves as they are, or after one build command.
    case site
    /// Nothing to build: `run:` says everything.
    case plain
}

/// One step from a copy of the source to something that runs.
package enum BuildStep: Sendable, Hashable, Codable {
    /// A virtual environment with these requirements installed.
    case virtualEnvironment(Requirements)
    /// A program with its arguments, run in the copy.
    case run([String])
    /// The author's own command, run in the copy.
    case command(CommandLine)

    /// For messages: what a person would type.
    package var text: String {
        switch self {
        case .virtualEnvironment(.file(let name)): "python3 -m venv, pip install -r \(name)"
        case .virtualEnvironment(.project): "python3 -m venv, pip install ."
        case .run(let words): words.joined(separator: " ")
        case .command(let line): line.text
        }
    }
}

/// What a virtual environment holds.
package enum Requirements: Sendable, Hashable, Codable {
    /// `pip install -r` this file.
    case file(String)
    /// `pip install .`: the project of pyproject.toml.
    case project
}

/// One folder that looks like a service, and why.
package struct Finding: Sendable, Hashable, Codable {
    /// A command that would start it, and what it was read from.
    package struct Run: Sendable, Hashable, Codable {
        /// `${port}` stands for the port.
        package var command: String
        package var reason: String
        /// A line of `Procfile` was written by the author; the rest is guessed.
        package var isGuess: Bool

        package init(command: String, reason: String, isGuess: Bool = true) {
            self.command = command
            self.reason = reason
            self.isGuess = isGuess
        }
    }

    /// Relative to where the names began; empty for that folder itself.
    package var folder: String
    package var stack: Stack
    /// Clauses such as "requirements.txt".
    package var reasons: [String]
    package var steps: [BuildStep]
    package var run: Run?
    /// The folder with the finished files of a site, relative to `folder`; `.` for the folder itself.
    package var siteOutput: String?

    package init(
        folder: String, stack: Stack, reasons: [String], steps: [BuildStep] = [], run: Run? = nil,
        siteOutput: String? = nil
    ) {
        self.folder = folder
        self.stack = stack
        self.reasons = reasons
        self.steps = steps
        self.run = run
        self.siteOutput = siteOutput
    }
}
