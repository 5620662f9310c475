/// Words of others, made fit for a terminal and a log: one line, no control characters, no more than so many characters.
enum Printable {
    static func text(_ text: String, limit: Int = 600) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            guard count < limit else { return result + "…" }
            let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
            let isHidden = (0x200b...0x200f).contains(scalar.value) || (0x202a...0x202e).contains(scalar.value)
            result.unicodeScalars.append(isControl || isHidden ? " " : scalar)
            count += 1
        }
        return result
    }
}

/// RFC 3986, section 2.1: everything but unreserved characters is encoded.
enum PercentEncoding {
    static func encoded(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: result.append(byte)
            default: result += [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
