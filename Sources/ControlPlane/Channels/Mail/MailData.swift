/// A message in the form in which DATA takes it.
package enum MailData {
    /// Doubles the dot that begins a line and ends the text with one alone (RFC 5321 §4.5.2).
    ///
    /// - Parameter text: lines that end with CRLF.
    package static func bytes(_ text: String) -> [UInt8] {
        var data: [UInt8] = []
        data.reserveCapacity(text.utf8.count + 64)
        var isAtStart = true
        for byte in text.utf8 {
            if isAtStart, byte == 0x2e { data.append(0x2e) }
            data.append(byte)
            isAtStart = byte == 0x0a
        }
        if !isAtStart { data += [0x0d, 0x0a] }
        return data + [0x2e, 0x0d, 0x0a]
    }
}
