import Glibc

/// What the outputs of this process are, and how to write to them.
struct Terminal: Sendable {
    enum Style: String, Sendable {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case magenta = "35"
        case cyan = "36"
    }

    /// Standard output is a terminal that understands colours.
    let colour: Bool
    /// Standard error is one; progress that redraws itself goes there.
    let redraws: Bool

    /// Looks at the descriptors; `NO_COLOR` (no-color.org) and `TERM=dumb` switch colours off.
    init(environment: [String: String]) {
        let plain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false || environment["TERM"] == "dumb"
        colour = isatty(STDOUT_FILENO) == 1 && !plain
        redraws = isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 && environment["TERM"] != "dumb"
    }

    func paint(_ text: String, _ style: Style) -> String {
        colour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// Columns of the terminal; 80 where there is none.
    var width: Int {
        var size = winsize()
        return ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }

    /// A line on standard output, at once.
    func line(_ text: String) { StandardOutput.write(text + "\n", to: STDOUT_FILENO) }

    /// A line on standard error.
    func complain(_ text: String) { StandardOutput.write(text + "\n", to: STDERR_FILENO) }

    /// Replaces the line at the bottom of the terminal; nothing elsewhere.
    func bottom(_ text: String) {
        guard redraws else { return }
        StandardOutput.write("\r\u{1B}[K" + String(text.prefix(width - 1)), to: STDERR_FILENO)
    }

    /// Takes the line at the bottom away.
    func clearBottom() {
        guard redraws else { return }
        StandardOutput.write("\r\u{1B}[K", to: STDERR_FILENO)
    }
}

/// Writing to a descriptor at once and whole: no buffer that a kill would lose.
enum StandardOutput {
    static func write(_ text: String, to descriptor: Int32) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                guard errno == EINTR || errno == EAGAIN else { return }
                continue
            }
            rest = rest.dropFirst(count)
        }
    }
}
