import ArgumentParser
import ControlPlane
import Spec
import World

/// What a control plane of several processes needs besides.
struct SplitOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The address of the role incidents.", valueName: "url")) var plane: String?
    @Option(
        name: .customLong("plane-token-file"),
        help: ArgumentHelp("A file with the token by which roles know each other.", valueName: "path"))
    var tokenFile: String?
    @Option(
        name: .customLong("plane-ca"),
        help: ArgumentHelp(
            "Certificates in PEM that alone vouch for --plane; the system's by default.", valueName: "path"))
    var authorities: String?
    @Option(
        name: .customLong("spool-limit"),
        help: ArgumentHelp("Of ingest: how much may wait to be handed over.", valueName: "bytes"))
    var spoolLimit = ByteCount(bytes: 256 << 20)

    /// The shortest token that is taken.
    static let shortest = 24

    /// Refuses what does not go together.
    func check(_ role: PlaneRole?) throws {
        let isPassing = role != nil && role != .incidents
        if isPassing, plane == nil {
            throw ValidationError("--role \(role?.rawValue ?? "") needs --plane, the address of the role incidents")
        }
        if !isPassing, plane != nil { throw ValidationError("--plane is for --role ingest, oncall and console") }
        if role != nil, tokenFile == nil {
            throw ValidationError("--role needs --plane-token-file, the same file for each role")
        }
        if role == nil, tokenFile != nil { throw ValidationError("--plane-token-file is for --role") }
        if !isPassing, authorities != nil {
            throw ValidationError("--plane-ca is for --role ingest, oncall and console")
        }
        guard spoolLimit.bytes >= 1 << 20 else { throw ValidationError("--spool-limit is 1Mi or more") }
    }

    /// - Throws: `WorldError`
    func token() throws -> Secret {
        let token = try PlaneAccess.read(tokenFile ?? "")
        guard token.exposed.utf8.count >= Self.shortest else {
            throw WorldError(
                code: "weak-token", operation: "read the token in \(tokenFile ?? "")",
                underlying: "it is shorter than \(Self.shortest) characters",
                hint: "Make one: `openssl rand -hex 32 > \(tokenFile ?? "plane.token")`.")
        }
        return token
    }

    /// - Throws: `WorldError`
    func address() throws -> PlaneAddress {
        try PlaneAddress(url: plane ?? "", token: try token(), authorities: authorities)
    }
}

extension PlaneRole: ExpressibleByArgument {}

extension ByteCount: ExpressibleByArgument {
    /// `256Mi`.
    package init?(argument: String) {
        let units = ["Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40]
        let unit = units[String(argument.suffix(2))]
        guard let count = Int(unit == nil ? argument : String(argument.dropLast(2))), count > 0,
            case let (bytes, overflow) = count.multipliedReportingOverflow(by: unit ?? 1), !overflow
        else { return nil }
        self.init(bytes: bytes)
    }
}
