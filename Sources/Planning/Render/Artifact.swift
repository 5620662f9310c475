/// A file that is made from hauban.yaml.
package struct Artifact: Sendable, Hashable {
    /// Relative to the folder of hauban.yaml, with `/` between parts.
    package var path: String
    /// Ends with a line break.
    package var text: String
    package var isExecutable: Bool

    package init(path: String, text: String, isExecutable: Bool = false) {
        self.path = path
        self.text = text.hasSuffix("\n") ? text : text + "\n"
        self.isExecutable = isExecutable
    }

    /// What the first lines of every artifact hold, by which `render` knows its own files: one that does not hold it was
    /// written by somebody and is never replaced.
    package static let mark = "Rendered by hauban from "

    /// The sentence of the header, without its comment sign.
    package static func header(_ source: String) -> [String] {
        ["\(mark)\(source). Change that file and run `hauban render`: what is written here is replaced."]
    }

    /// Whether a file's text says that it was rendered.
    package static func isRendered(_ text: some StringProtocol) -> Bool {
        text.prefix(4096).contains(mark)
    }

    /// Where renderers alone write: a file there that bears the mark and is rendered no more has outlived its reason.
    package static func isOwnPlace(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        switch parts.count {
        case 0: return false
        case 1: return parts[0].hasPrefix("compose.") || parts[0] == ".gitlab-ci.yml"
        default: return ["deploy", ".github", ".gitlab"].contains(parts[0])
        }
    }
}
