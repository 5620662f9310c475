import FrontDoor
import Subprocess
import Testing

/// A program of the system, run to its end: the judges that are not ours.
enum Tool {
    struct Result: Sendable {
        var status: Int32
        var output: String
        var errors: String
    }

    /// - Parameter input: what the program reads.
    static func run(_ words: String..., input: String = "") async throws -> Result {
        try await run(words, input: input)
    }

    static func run(_ words: [String], input: String = "") async throws -> Result {
        let result = try await Subprocess.run(
            .name("timeout"), arguments: .init(["20"] + words), input: .string(input),
            output: .string(limit: 8 << 20), error: .string(limit: 1 << 20))
        let status: Int32 = if case .exited(let code) = result.terminationStatus { code } else { -1 }
        return Result(status: status, output: result.standardOutput, errors: result.standardError)
    }
}

/// Certificates that a test makes with openssl, in a folder of its own.
struct CertificateFolder: Sendable {
    let path: String

    init() throws { path = try temporaryFolder() }

    func remove() { removeTree(path) }

    /// Makes `NAME.pem` and `NAME.key`: signed by itself, for the given names.
    @discardableResult
    func make(_ name: String, for names: String..., days: Int = 30) async throws
        -> FrontDoorConfiguration.Certificate
    {
        let pair = FrontDoorConfiguration.Certificate(certificate: "\(path)/\(name).pem", key: "\(path)/\(name).key")
        let request = try await Tool.run(
            "openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
            "/CN=\(name)", "-addext", "subjectAltName=" + names.map { "DNS:\($0)" }.joined(separator: ","), "-keyout",
            pair.key, "-out", "\(path)/\(name).csr")
        try #require(request.status == 0, "\(request.errors)")
        let signed = try await Tool.run(
            "openssl", "x509", "-req", "-in", "\(path)/\(name).csr", "-signkey", pair.key, "-days", "\(days)",
            "-copy_extensions", "copy", "-out", pair.certificate)
        try #require(signed.status == 0, "\(signed.errors)")
        return pair
    }

    /// Puts one pair in the place of another as certificate tools do: each file by a rename.
    func replace(_ old: FrontDoorConfiguration.Certificate, with new: FrontDoorConfiguration.Certificate) async throws {
        for (from, to) in [(new.certificate, old.certificate), (new.key, old.key)] {
            _ = try await Tool.run("cp", "-p", from, to + ".new")
            _ = try await Tool.run("mv", to + ".new", to)
        }
    }
}

extension DoorFixture {
    /// Runs a test against a front door whose listener speaks TLS.
    static func secured<Value: Sendable>(
        _ certificates: [Configuration.Certificate], minimum: Configuration.TLSVersion = .v12,
        hsts: Configuration.TransportSecurity? = nil, services: [String: Configuration.Service],
        limits: Configuration.Limits = .init(), timeouts: Configuration.Timeouts = .init(), accessLog: String? = nil,
        change: (inout Configuration) -> Void = { _ in }, report: @escaping @Sendable (String) -> Void = { _ in },
        _ body: (DoorFixture) async throws -> Value
    ) async throws -> Value {
        var configuration = configuration(
            1, services, routes: services.isEmpty ? [] : nil, limits: limits, timeouts: timeouts, accessLog: accessLog)
        configuration.listeners[0].tls = .init(
            certificates: certificates, minimumVersion: minimum, transportSecurity: hsts)
        change(&configuration)
        let door = try await FrontDoor.start(configuration, threads: 2, report: report)
        let fixture = DoorFixture(door: door, port: await door.configuration.listeners[0].port)
        do {
            let value = try await body(fixture)
            await door.stop(deadline: .milliseconds(100))
            return value
        } catch {
            await door.stop(deadline: .milliseconds(100))
            throw error
        }
    }

    /// Asks with curl, which judges the certificate by the name.
    func curl(_ url: String, _ options: String..., name: String = "a.test", trust: String) async throws -> Tool.Result {
        try await Tool.run(
            ["curl", "-sS", "--cacert", trust, "--resolve", "\(name):\(port):127.0.0.1"] + options
                + ["https://\(name):\(port)\(url)"])
    }

    /// The subject of the certificate that a client gets who asks for a name, or for none.
    func subject(asking name: String?) async throws -> String {
        let asked = name.map { ["-servername", $0] } ?? ["-noservername"]
        let result = try await Tool.run(
            ["openssl", "s_client", "-connect", "127.0.0.1:\(port)"] + asked, input: "")
        return result.output.components(separatedBy: "\n").first { $0.hasPrefix("subject=") } ?? result.errors
    }
}
