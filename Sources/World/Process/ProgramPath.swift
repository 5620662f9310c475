import Glibc

/// Finding a program as a shell would, with an error that says what to do.
package enum ProgramPath {
    /// The absolute path of a program: an absolute path as it is, one with a slash from the working directory, else the first in `PATH`.
    ///
    /// - Throws: `WorldError` with the code `program-missing` or `program-not-executable`.
    package static func find(_ program: String, path: String?, workingDirectory: String) throws -> String {
        let candidates: [String]
        if program.hasPrefix("/") {
            candidates = [program]
        } else if program.contains("/") {
            candidates = [workingDirectory + "/" + program]
        } else {
            let folders = (path ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":").filter { $0.hasPrefix("/") }
            candidates = folders.map { $0 + "/" + program }
        }
        var refused: String?
        for candidate in candidates {
            var information = stat()
            guard stat(candidate, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { continue }
            if access(candidate, X_OK) == 0 { return candidate }
            refused = refused ?? candidate
        }
        if let refused {
            throw WorldError(
                code: "program-not-executable", operation: "start \(program)",
                underlying: "\(refused) is not executable",
                hint: "Run `chmod +x \(refused)`, or start it through its interpreter.")
        }
        let where_ = program.contains("/") ? "no file \(candidates[0])" : "not found in PATH (\(path ?? "none given"))"
        throw WorldError(
            code: "program-missing", operation: "start \(program)", underlying: where_,
            hint: program.contains("/")
                ? "Build it first, or correct the path." : "Install the package that has it, or correct `run:`.")
    }
}
