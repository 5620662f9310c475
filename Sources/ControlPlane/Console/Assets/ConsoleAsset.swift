import Crypto

/// A file that pages load, named after what it contains, so that it can be kept for ever.
struct ConsoleAsset: Sendable {
    /// `console-0123456789abcdef.css`
    let name: String
    let type: String
    let bytes: [UInt8]
    /// An entity tag with its quotes (RFC 9110 §8.8.3).
    let tag: String

    init(_ stem: String, _ suffix: String, _ type: String, _ text: String) {
        bytes = Array(text.utf8)
        let digits = SHA256.hash(data: bytes).prefix(8).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        name = "\(stem)-\(digits).\(suffix)"
        self.type = type
        tag = "\"\(digits)\""
    }

    var path: String { "/assets/\(name)" }

    static let style = ConsoleAsset("console", "css", "text/css; charset=utf-8", ConsoleStyle.text)
    static let script = ConsoleAsset("console", "js", "text/javascript; charset=utf-8", ConsoleScript.text)
    static let icon = ConsoleAsset("icon", "svg", "image/svg+xml", iconText)

    static var all: [ConsoleAsset] { [style, script, icon] }

    private static let iconText = """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#12324a"/>\
        <path fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round" \
        d="M16 5v21M16 5 6.500 24M16 5l9.500 19M11 27h10"/></svg>
        """
}
