import Spec

/// An image that a step builds, and what is to be said of its making.
package struct BuiltImage: Sendable, Hashable {
    /// With its tag.
    package var name: String
    /// Relative to the step's folder.
    package var dockerfile: String
    /// Where the source is kept, as hauban.yaml says it.
    package var repository: String?

    package init(name: String, dockerfile: String, repository: String? = nil) {
        self.name = name
        self.dockerfile = dockerfile
        self.repository = repository
    }
}

/// How an image came to be: a Statement of in-toto's attestations, v1, with the predicate of SLSA's provenance, v1.
///
/// <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>, <https://slsa.dev/provenance/v1>
package struct ProvenanceStatement: Sendable, Hashable {
    package static let payloadType = "application/vnd.in-toto+json"
    package static let type = "https://in-toto.io/Statement/v1"
    package static let predicateType = "https://slsa.dev/provenance/v1"
    /// What the parameters mean; docs/pipeline.md says it.
    static let buildType = "urn:hauban:build:docker-image:v1"
    /// This machine, on behalf of who ran it: nobody else vouches for it.
    static let builder = "urn:hauban:builder:local"

    package var image: BuiltImage
    /// Of the source, relative to that of hauban.yaml; empty for that folder itself.
    package var folder: String
    /// SHA-256 of the image's configuration: its id.
    package var imageID: String
    /// Names and SHA-256 by which registries know it.
    package var repositoryDigests: [RepositoryDigest]
    /// Forty or sixty-four digits.
    package var commit: String?
    /// Whether files differ from that commit.
    package var isChanged: Bool
    /// SHA-256.
    package var dockerfileDigest: String?
    /// In RFC 3339, UTC.
    package var began: String
    package var ended: String
    /// Names the run.
    package var invocation: String
    package var version: String

    package struct RepositoryDigest: Sendable, Hashable {
        package var name: String
        package var digest: String

        /// - Returns: `nil` for anything but `NAME@sha256:DIGITS`.
        package init?(_ text: String) {
            let parts = text.split(separator: "@", maxSplits: 1).map(String.init)
            guard parts.count == 2, let digest = ProvenanceStatement.digest(parts[1]) else { return nil }
            name = parts[0]
            self.digest = digest
        }
    }

    package init(
        image: BuiltImage, folder: String, imageID: String, repositoryDigests: [RepositoryDigest], commit: String?,
        isChanged: Bool, dockerfileDigest: String?, began: String, ended: String, invocation: String, version: String
    ) {
        self.image = image
        self.folder = folder
        self.imageID = imageID
        self.repositoryDigests = repositoryDigests
        self.commit = commit
        self.isChanged = isChanged
        self.dockerfileDigest = dockerfileDigest
        self.began = began
        self.ended = ended
        self.invocation = invocation
        self.version = version
    }

    /// The digits of `sha256:DIGITS`.
    package static func digest(_ text: String) -> String? {
        let digits = text.dropFirst(7)
        guard text.hasPrefix("sha256:"), digits.utf8.count == 64,
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        return String(digits)
    }

    package var json: String {
        let subjects =
            [Self.resource(image.name, imageID)] + repositoryDigests.map { Self.resource($0.name, $0.digest) }
        let external: JSONTree = [
            "dockerfile": .text(image.dockerfile), "image": .text(image.name),
            "source": .text(folder.isEmpty ? "." : folder),
        ]
        let definition: JSONTree = [
            "buildType": .text(Self.buildType), "externalParameters": external,
            "resolvedDependencies": .list(dependencies),
        ]
        let builder: JSONTree = ["id": .text(Self.builder), "version": ["hauban": .text(version)]]
        let metadata: JSONTree = [
            "invocationId": .text(invocation), "startedOn": .text(began), "finishedOn": .text(ended),
        ]
        let run: JSONTree = ["builder": builder, "metadata": metadata]
        let statement: JSONTree = [
            "_type": .text(Self.type), "subject": .list(subjects), "predicateType": .text(Self.predicateType),
            "predicate": ["buildDefinition": definition, "runDetails": run],
        ]
        return statement.compact
    }

    private static func resource(_ name: String, _ digest: String) -> JSONTree {
        ["name": .text(name), "digest": ["sha256": .text(digest)]]
    }

    private var dependencies: [JSONTree] {
        var all: [JSONTree] = []
        if let commit {
            var members: [JSONTree.Member] = [.init("name", .text("source"))]
            if let repository = image.repository { members.append(.init("uri", .text("git+\(repository)"))) }
            members.append(.init("digest", ["gitCommit": .text(commit)]))
            // What was built is not what the commit holds: whoever reads it has to know.
            members.append(.init("annotations", ["hauban_uncommittedChanges": .bool(isChanged)]))
            all.append(.object(members))
        }
        if let dockerfileDigest {
            let path = folder.isEmpty ? image.dockerfile : "\(folder)/\(image.dockerfile)"
            all.append(Self.resource(path, dockerfileDigest))
        }
        return all
    }
}

/// What a statement says, as somebody reads it who verified its signature.
package struct ReadProvenance: Sendable, Hashable {
    package var subjects: [(name: String, digest: String)] { names.indices.map { (names[$0], digests[$0]) } }
    private var names: [String]
    private var digests: [String]
    package var builder: String
    package var commit: String?
    package var hasUncommittedChanges: Bool
    package var finished: String?

    /// Why a payload is no provenance.
    package struct Unread: Error, Sendable, Hashable { package var reason: String }

    package init(payloadType: String, _ payload: [UInt8]) throws(Unread) {
        guard payloadType == ProvenanceStatement.payloadType else {
            throw Unread(reason: "its payload is of another type: \(payloadType)")
        }
        guard let tree = JSONTree(parsing: payload) else { throw Unread(reason: "its payload is no JSON") }
        guard tree["_type"]?.string == ProvenanceStatement.type else {
            throw Unread(reason: "its payload is no Statement of in-toto v1")
        }
        guard tree["predicateType"]?.string == ProvenanceStatement.predicateType,
            let definition = tree["predicate"]?["buildDefinition"], let run = tree["predicate"]?["runDetails"],
            definition["buildType"]?.string != nil, let builder = run["builder"]?["id"]?.string
        else { throw Unread(reason: "it says nothing in the form of SLSA's provenance v1") }
        names = []
        digests = []
        for subject in tree["subject"]?.items ?? [] {
            guard let digest = subject["digest"]?["sha256"]?.string else {
                throw Unread(reason: "one of its subjects has no SHA-256")
            }
            names.append(subject["name"]?.string ?? "_")
            digests.append(digest)
        }
        guard !names.isEmpty else { throw Unread(reason: "it is about nothing") }
        self.builder = builder
        let source = definition["resolvedDependencies"]?.items.first { $0["digest"]?["gitCommit"] != nil }
        commit = source?["digest"]?["gitCommit"]?.string
        hasUncommittedChanges = source?["annotations"]?["hauban_uncommittedChanges"] == .bool(true)
        finished = run["metadata"]?["finishedOn"]?.string
    }
}
