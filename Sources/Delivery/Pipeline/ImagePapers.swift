import FoundationEssentials
import Glibc
import Planning
import Spec
import World

/// What goes with an image that was just built: a signed word on how it was made, and a bill of what it holds.
struct ImagePapers: Sendable {
    let setting: PipelineSetting
    /// Of the run.
    let folder: String

    /// What was made, and what could not be, in clauses.
    struct Made: Sendable, Hashable {
        var files: [String] = []
        var notes: [String] = []
    }

    /// - Parameters:
    ///   - reports: where the step left what `docker image inspect` says.
    ///   - began: seconds since 1970, as `ended`.
    /// - Throws: `WorldError`
    func make(
        _ step: PipelineGraph.Step, _ image: BuiltImage, reports: String, began: Double, ended: Double
    ) async throws -> Made {
        let (id, digests) = try inspected(image, reports)
        let target = "\(folder)/artifacts/\(step.id.fileName)"
        try Folder.make(target)
        var made = Made()
        let source = step.folder.isEmpty ? setting.root : "\(setting.root)/\(step.folder)"
        let statement = ProvenanceStatement(
            image: image, folder: step.folder, imageID: id, repositoryDigests: digests,
            commit: await git(["rev-parse", "HEAD"]).flatMap { [40, 64].contains($0.utf8.count) ? $0 : nil },
            isChanged: await git(["status", "--porcelain"]) != "",
            dockerfileDigest: (try? SmallFile.read("\(source)/\(image.dockerfile)")).map { ContentHash(of: $0).hex },
            began: Self.text(began), ended: Self.text(ended), invocation: "\(folder)#\(step.id)",
            version: setting.version)
        let key = try SigningKey.of(folder: setting.place.keys)
        let envelope = try SignedEnvelope(
            signing: Array(statement.json.utf8), as: ProvenanceStatement.payloadType, with: key)
        try Self.write(envelope.json, to: "\(target)/provenance.json", &made)
        // Where Trivy is installed, the scan makes a better one.
        guard !isInstalled("trivy") else { return made }
        let (bill, trouble) = await bill(of: image, source: source)
        if bill.isEmpty {
            let why = trouble ?? "the image has neither dpkg's nor apk's packages, and its source no lock that is known"
            made.notes.append("\(step.id): no bill of materials was made: \(why)")
        } else {
            let text = bill.document(
                image: image.name, digest: "sha256:\(id)", at: Self.text(ended), version: setting.version)
            try Self.write(text, to: "\(target)/sbom.cdx.json", &made)
            if let trouble {
                made.notes.append("\(step.id): its bill of materials lacks the image's packages: \(trouble)")
            }
        }
        return made
    }

    private func inspected(
        _ image: BuiltImage, _ reports: String
    ) throws -> (String, [ProvenanceStatement.RepositoryDigest]) {
        let bytes = (try? SmallFile.read("\(reports)/image.json", limit: 16 << 20)) ?? []
        let first = JSONTree(parsing: bytes)?.items.first
        guard let id = first?["Id"]?.string.flatMap({ ProvenanceStatement.digest($0) }) else {
            throw WorldError(
                code: "image-unknown", operation: "say how \(image.name) was made",
                underlying: "`docker image inspect` says no id of it")
        }
        let digests = first?["RepoDigests"]?.items.compactMap { $0.string } ?? []
        return (id, digests.compactMap { ProvenanceStatement.RepositoryDigest($0) })
    }

    // MARK: What the image holds

    private func bill(of image: BuiltImage, source: String) async -> (BillOfMaterials, trouble: String?) {
        var bill = BillOfMaterials()
        let place = TemporaryPlace(folder + "/scratch/papers-\(UInt32.random(in: 0...UInt32.max))")
        var trouble: String?
        do {
            try Folder.make(place.path)
            try await copyDatabases(of: image, to: place.path)
            let system = SmallFile.text(place.path + "/os-release") ?? ""
            if let status = try? SmallFile.read(place.path + "/status", limit: 64 << 20) {
                bill.addDebian(
                    String(decoding: status, as: UTF8.self),
                    distribution: system.contains("ID=ubuntu") ? "ubuntu" : "debian")
            }
            if let installed = try? SmallFile.read(place.path + "/installed", limit: 64 << 20) {
                bill.addAlpine(String(decoding: installed, as: UTF8.self))
            }
        } catch let error as WorldError {
            trouble = error.underlying
        } catch {
            trouble = "\(error)"
        }
        for lock in BillOfMaterials.locks {
            guard let bytes = try? SmallFile.read("\(source)/\(lock)", limit: 32 << 20) else { continue }
            bill.addLock(lock, String(decoding: bytes, as: UTF8.self))
        }
        return (bill, trouble)
    }

    /// Out of a container that never starts: the image may hold no program at all.
    private func copyDatabases(of image: BuiltImage, to place: String) async throws {
        let created = try await docker(["create", "--network", "none", image.name, "hauban"])
        guard created.isSuccess else {
            throw WorldError(
                code: "container-refused", operation: "look into \(image.name)",
                underlying: created.errors.split(whereSeparator: \.isNewline).last.map(String.init)
                    ?? "\(created.status)")
        }
        let id = String(created.output.prefix { !$0.isWhitespace })
        for path in ["/etc/os-release", "/var/lib/dpkg/status", "/lib/apk/db/installed"] {
            let name = path.split(separator: "/").last ?? ""
            // One that is not there is no trouble.
            _ = try? await docker(["cp", "--follow-link", "\(id):\(path)", "\(place)/\(name)"])
        }
        _ = try? await docker(["rm", "--force", id])
    }

    private func docker(_ words: [String]) async throws -> CommandResult {
        try await setting.runner(
            Command(
                arguments: ["docker"] + words, environment: setting.environment, workingDirectory: setting.root,
                deadline: .seconds(120)))
    }

    // MARK: Surroundings

    private func git(_ words: [String]) async -> String? {
        let path = setting.environment["PATH"] ?? "/usr/bin:/bin"
        let command = Command(
            arguments: ["git", "-c", "safe.directory=*"] + words,
            environment: ["PATH": path, "HOME": "/nonexistent"], workingDirectory: setting.root, deadline: .seconds(60))
        guard let result = try? await setting.runner(command), result.isSuccess else { return nil }
        return String(result.output.prefix { !$0.isNewline })
    }

    private func isInstalled(_ program: String) -> Bool {
        (setting.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").contains {
            access("\($0)/\(program)", X_OK) == 0
        }
    }

    private static func write(_ text: String, to path: String, _ made: inout Made) throws {
        try AtomicFile.write(Array(text.utf8), to: path, mode: 0o644, durable: false)
        made.files.append(path)
    }

    private static func text(_ seconds: Double) -> String {
        Timestamp.text(Date(timeIntervalSince1970: seconds.rounded(.down)))
    }
}

/// A folder that goes with the value that names it.
private final class TemporaryPlace: Sendable {
    let path: String
    init(_ path: String) { self.path = path }
    deinit { try? Folder.remove(path) }
}
