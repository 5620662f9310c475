import Glibc
import World

/// Where the programs of one major version of PostgreSQL are.
struct PostgresBinaries: Sendable, Hashable {
    let folder: String

    func program(_ name: String) -> String { folder + "/" + name }

    /// - Parameters:
    ///   - roots: folders with one folder for each major version, as Debian's `/usr/lib/postgresql`.
    ///   - path: a `PATH`, for other installations.
    /// - Throws: `WorldError` naming the package.
    static func find(
        major: Int, roots: [String] = ["/usr/lib/postgresql"], path: String, runner: CommandRunner
    ) async throws -> PostgresBinaries {
        for root in roots {
            let folder = "\(root)/\(major)/bin"
            if isComplete(folder) { return PostgresBinaries(folder: folder) }
        }
        var others = roots.flatMap { root in Folder.names(in: root).compactMap { Int($0) } }
        for folder in path.split(separator: ":").map(String.init) where isComplete(folder) {
            let version = Command(
                arguments: [folder + "/postgres", "--version"], environment: ["PATH": path], workingDirectory: "/",
                deadline: .seconds(10))
            guard let result = try? await runner(version), result.isSuccess else { continue }
            guard let found = self.major(of: result.output) else { continue }
            if found == major { return PostgresBinaries(folder: folder) }
            others.append(found)
        }
        let there = Set(others).sorted().map(String.init).joined(separator: ", ")
        throw WorldError(
            code: "program-missing", operation: "start PostgreSQL \(major)",
            underlying: there.isEmpty
                ? "no PostgreSQL server is installed" : "this machine has PostgreSQL \(there), not \(major)",
            hint: "Run `apt-get install postgresql-\(major)`"
                + (there.isEmpty ? "." : ", or declare `version: \(others.max() ?? major)`."))
    }

    /// The major version in `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`.
    static func major(of text: String) -> Int? {
        text.split(separator: " ").lazy.compactMap { word in Int(word.prefix { $0.isNumber }) }.first
    }

    private static func isComplete(_ folder: String) -> Bool {
        ["postgres", "initdb", "psql", "pg_isready"].allSatisfy { access("\(folder)/\($0)", X_OK) == 0 }
    }
}
