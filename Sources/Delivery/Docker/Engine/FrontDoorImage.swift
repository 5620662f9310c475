import FoundationEssentials
import Glibc
import Synchronization
package import World

/// The image of the front door: the program itself with the libraries that it is linked to, FROM scratch, so that nothing else is in
/// it and no registry is asked.
package struct FrontDoorImage: Sendable {
    /// Absolute: the program whose hidden command `front-door` serves.
    package let program: String
    private let runner: CommandRunner
    private let known = Known()

    /// Its name, once the program and its libraries were read.
    private final class Known: Sendable {
        let name = Mutex<String?>(nil)
    }

    /// - Parameter name: of the image, where this program runs in it and cannot see what it was made of.
    package init(program: String, name: String? = nil, runner: CommandRunner = .live) {
        self.program = program
        self.runner = runner
        known.name.withLock { $0 = name }
    }

    private static let recipe = """
        FROM scratch
        COPY . /
        ENTRYPOINT ["/hauban", "front-door"]

        """

    /// Where the context's own Dockerfile lies, out of the way of the files that are copied.
    private static let dockerfile = ".dockerfile"

    private static let repository = "hauban/front-door"

    /// What the image of this program is called, whether the engine has it or not.
    func name() async throws -> String {
        if let name = known.name.withLock({ $0 }) { return name }
        let text = "\(Self.repository):\(try await context().hash.short)"
        known.name.withLock { $0 = text }
        return text
    }

    /// Removes the images of other programs that no container uses; who needs one again builds it.
    func prune(on api: DockerAPI) async throws {
        let own = try await name()
        for image in try await api.images(labelled: "\(DockerLabels.kind)=\(DockerLabels.Kind.frontDoor.rawValue)") {
            // One that a container is made of stays: the engine refuses.
            for tag in image.tags where tag.hasPrefix(Self.repository + ":") && tag != own {
                try? await api.removeImage(tag)
            }
        }
    }

    /// The image, built when the engine has none of this program.
    ///
    /// - Returns: its name.
    func ensure(on api: DockerAPI, labels: [String: String], within deadline: Duration) async throws -> String {
        let text = try await name()
        guard try await api.image(text) == nil else { return text }
        guard let name = ImageName(text) else { preconditionFailure("a name of ours is none: \(text)") }
        _ = try await api.build(
            try await context().files, ImageBuild(name: name, dockerfile: Self.dockerfile, labels: labels),
            within: deadline)
        return text
    }

    private func context() async throws -> BuildContext {
        var entries: [TarStream.Entry] = [.init(Self.dockerfile, .bytes(Array(Self.recipe.utf8)))]
        entries.append(try Self.file("hauban", at: program))
        for library in try await libraries() {
            entries.append(try Self.file(String(library.drop { $0 == "/" }), at: library))
        }
        // Hashed by its content, since another program of the same size and path is another image.
        var marks: [String] = []
        for entry in entries {
            guard case .file(let path, _) = entry.content else { continue }
            marks += [entry.name, ContentHash(of: try SmallFile.read(path, limit: 1 << 30)).hex]
        }
        return BuildContext(entries, dockerfile: Self.dockerfile, hash: ContentHash(of: marks))
    }

    private static func file(_ name: String, at path: String) throws -> TarStream.Entry {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard realpath(path, &buffer) != nil else { throw SystemError.last.during("read \(path)") }
        let whole = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var information = stat()
        guard stat(whole, &information) == 0 else { throw SystemError.last.during("read \(path)") }
        return .init(name, .file(path: whole, size: Int(information.st_size)), mode: 0o755)
    }

    /// What the dynamic linker would load, by absolute path; none for a program that is linked statically.
    private func libraries() async throws -> [String] {
        let result = try await runner(
            Command(
                arguments: ["ldd", program], environment: ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"],
                workingDirectory: "/", deadline: .seconds(60)))
        if !result.isSuccess, (result.output + result.errors).contains("not a dynamic executable") { return [] }
        guard result.isSuccess, !result.output.contains("not found") else {
            throw WorldError(
                code: "front-door-image", operation: "find the libraries of \(program)",
                underlying: Printable.text(result.errors + result.output), hint: "Install hauban anew.")
        }
        return result.output.split(whereSeparator: \.isNewline).compactMap { line in
            line.split(separator: " ").map { $0.filter { $0 != "\t" } }.first { $0.hasPrefix("/") }
        }
    }
}
