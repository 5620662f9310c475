import FoundationEssentials

extension Folder {
    /// Removes a folder, or a file, and all in it; nothing happens when it is not there.
    ///
    /// - Throws: `WorldError`
    package static func remove(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw WorldError(
                code: "remove-failed", operation: "remove \(path)", underlying: "\(error)",
                hint: "Check who owns it; `rm -r \(path)` does the same.")
        }
    }
}
