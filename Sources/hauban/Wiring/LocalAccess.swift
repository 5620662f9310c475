import FoundationEssentials
import Glibc
import World

/// How programs of this machine reach its control plane: an address and a token that lasts as long as the process, in a file
/// that only its owner reads.
struct LocalAccess: Codable {
    var url: String
    var token: String
    /// The state folder of the environment whose platform it serves; `nil`: it takes alerts without a hauban.yaml.
    var serves: String?
    /// The SHA-256 of the certificate that it shows; `nil`: it speaks without TLS.
    var certificate: String?

    /// What a control plane writes before it listens: so nobody shows a token that is not good any more.
    private struct Start: Codable {
        var starting: ProcessRecord
    }

    /// What a folder says of the control plane of this machine.
    enum Standing {
        case absent
        /// It began and does not answer yet.
        case starting
        case there(LocalAccess)
    }

    /// How long commands wait for one that is just starting.
    static let patience = Duration.seconds(15)

    var pin: CertificatePin? { certificate.flatMap { CertificatePin(hex: $0) } }

    static func path(_ data: String) -> String { data + "/local.json" }

    /// A token that nobody can guess.
    static func newToken() -> Secret {
        var generator = SystemRandomNumberGenerator()
        return Secret.generated(length: 43, using: &generator)
    }

    /// Makes the folder of a control plane's data: its owner's alone, in parents that others may pass through, since databases
    /// that run as another user lie beside it.
    ///
    /// - Throws: `WorldError`
    static func makeFolder(_ data: String) throws {
        if let slash = data.lastIndex(of: "/"), slash != data.startIndex {
            try Folder.make(String(data[..<slash]), mode: 0o711)
        }
        try Folder.make(data)
    }

    /// - Throws: `WorldError`
    func write(to data: String) throws {
        try Self.makeFolder(data)
        let body = try JSONEncoder().encode(self)
        try AtomicFile.write(Array(body), to: Self.path(data), mode: 0o600)
    }

    /// Says that a control plane of this process is starting; for who holds its store alone.
    ///
    /// - Throws: `WorldError`
    static func announce(_ data: String) throws {
        try makeFolder(data)
        guard let own = ProcessRecord(running: getpid()) else { return remove(data) }
        try AtomicFile.write(Array(try JSONEncoder().encode(Start(starting: own))), to: path(data), mode: 0o600)
    }

    static func standing(_ data: String) -> Standing {
        guard let bytes = try? SmallFile.read(path(data), limit: 1 << 16) else { return .absent }
        if let access = try? JSONDecoder().decode(LocalAccess.self, from: Data(bytes)) { return .there(access) }
        guard let start = try? JSONDecoder().decode(Start.self, from: Data(bytes)), start.starting.isAlive else {
            return .absent
        }
        return .starting
    }

    /// - Returns: `nil` where no control plane runs, or was killed and left nothing that can be read.
    static func read(_ data: String) -> LocalAccess? {
        guard case .there(let access) = standing(data) else { return nil }
        return access
    }

    /// Waits while a control plane is starting.
    static func settled(_ data: String, within patience: Duration) async {
        let end = ContinuousClock.now + patience
        while ContinuousClock.now < end, !Task.isCancelled, case .starting = standing(data) {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    static func remove(_ data: String) { unlink(path(data)) }
}
