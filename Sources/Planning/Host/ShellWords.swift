/// Words for a POSIX shell (POSIX.1-2017, 2.2 Quoting).
package enum ShellWords {
    /// One line that a shell splits into exactly these words.
    package static func text(_ words: [String]) -> String { words.map(quoted).joined(separator: " ") }

    /// The word as it is, where every character is one that no shell looks at; else between single quotes.
    package static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || "-_./:=@%+,".utf8.contains(byte)
        }
        return !word.isEmpty && isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }
}
