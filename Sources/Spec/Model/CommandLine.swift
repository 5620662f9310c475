/// A command of the author's: a line for `/bin/sh -c`, or the exact words of an argument list.
package enum CommandLine: Sendable, Hashable, Codable {
    /// `run: uvicorn api:app --port ${port}`: the shell splits and expands it.
    case shell(String)
    /// `exec: [celery, inspect, ping]`: no shell; never empty.
    case words([String])

    /// The argument vector that runs it, the program first.
    package var arguments: [String] {
        switch self {
        case .shell(let line): ["/bin/sh", "-c", line]
        case .words(let words): words
        }
    }

    /// For messages: the line as a person would type it.
    package var text: String {
        switch self {
        case .shell(let line): line
        case .words(let words): words.joined(separator: " ")
        }
    }
}
