extension String {
    /// With each occurrence replaced, byte by byte: what the standard library does by characters, which would miss a quote
    /// with a combining mark behind it, and takes a hundred times as long for a text in which there is none.
    func replacing(_ old: String, with new: String) -> String {
        guard let first = old.utf8.first, utf8.contains(first) else { return self }
        let bytes = Array(utf8)
        let pattern = Array(old.utf8)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count + new.utf8.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == first, bytes[index...].starts(with: pattern) {
                out.append(contentsOf: new.utf8)
                index += pattern.count
            } else {
                out.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
