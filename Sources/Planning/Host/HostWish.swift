package import Spec

/// What a server is prepared for.
package struct HostWish: Sendable, Hashable {
    /// A port that stays open: `9100`, `51820/udp`.
    package struct OpenPort: Sendable, Hashable, Comparable, CustomStringConvertible {
        package enum Transport: String, Sendable, Hashable { case tcp, udp }
        package var port: Int
        package var transport: Transport

        package init(_ port: Int, _ transport: Transport = .tcp) {
            self.port = port
            self.transport = transport
        }

        package init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard let first = parts.first, first.allSatisfy(\.isNumber), let port = Int(first),
                (1...65_535).contains(port),
                parts.count < 3, let transport = Transport(rawValue: parts.count == 2 ? String(parts[1]) : "tcp")
            else { return nil }
            self.init(port, transport)
        }

        package var description: String { "\(port)/\(transport.rawValue)" }

        package static func < (left: Self, right: Self) -> Bool {
            (left.port, left.transport.rawValue) < (right.port, right.transport.rawValue)
        }
    }

    /// The user that deploys.
    package var account: String
    /// Public keys that may log in as that user, a line each.
    package var keys: [String]
    /// Besides ssh, 80 and 443.
    package var open: Set<OpenPort>
    /// Addresses or networks of the other servers of a Swarm.
    package var peers: [String]
    /// Whether to end logging in with passwords.
    package var hardens: Bool
    /// A file to swap to, made when there is no swap.
    package var swap: ByteCount?
    /// What is to run there; nil without an environment.
    package var demand: HostDemand?
    package var isSwarm: Bool
    /// The port that the session in use was opened to.
    package var sessionPort: Int?
    /// Whether whoever looks came in with a key.
    package var loginHasKey: Bool

    package init(
        account: String = "deploy", keys: [String] = [], open: Set<OpenPort> = [], peers: [String] = [],
        hardens: Bool = false, swap: ByteCount? = nil, demand: HostDemand? = nil, isSwarm: Bool = false,
        sessionPort: Int? = nil, loginHasKey: Bool = false
    ) {
        self.account = account
        self.keys = keys
        self.open = open
        self.peers = peers
        self.hardens = hardens
        self.swap = swap
        self.demand = demand
        self.isSwarm = isSwarm
        self.sessionPort = sessionPort
        self.loginHasKey = loginHasKey
    }
}

extension HostWish {
    /// `1Gi`, `512Mi`.
    package static func size(_ text: String) -> ByteCount? {
        for (suffix, bits) in [("Mi", 20), ("Gi", 30)] where text.hasSuffix(suffix) {
            let digits = text.dropLast(2)
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(digits),
                (1..<1 << 20).contains(count)
            else { return nil }
            return ByteCount(bytes: count << bits)
        }
        return nil
    }

    /// An address of either version, or a network of them: what is written into the firewall's rules as it is.
    package static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count) else { return false }
        let isSix = parts[0].contains(":")
        if parts.count == 2 {
            guard let bits = Int(parts[1]), (0...(isSix ? 128 : 32)).contains(bits) else { return false }
        }
        if isSix {
            let groups = parts[0].split(separator: ":", omittingEmptySubsequences: false)
            return (3...8).contains(groups.count)
                && groups.allSatisfy { $0.count <= 4 && $0.allSatisfy { $0.isASCII && $0.isHexDigit } }
                && (groups.count == 8 || parts[0].contains("::"))
        }
        let bytes = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        return bytes.count == 4 && bytes.allSatisfy { UInt8($0) != nil }
    }

    /// A line of a `.pub` file (sshd(8), AUTHORIZED_KEYS FILE FORMAT), without options.
    package static func isPublicKey(_ line: String) -> Bool {
        let words = line.split(separator: " ")
        guard words.count >= 2, !line.utf8.contains(where: { $0 < 0x20 }) else { return false }
        let isKind = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].contains {
            words[0].hasPrefix($0)
        }
        return isKind && words[1].hasPrefix("AAAA")
    }
}

/// What an environment asks of the machine that it runs on.
package struct HostDemand: Sendable, Hashable {
    package var environment: EnvironmentName
    /// What `environments.*.server` asks.
    package var server: Server?
    /// Of all replicas, with resources.
    package var milliCPUs = 0
    /// Bytes of all replicas, with resources.
    package var memory = 0
    /// Bytes that the greatest service takes once more while a release runs beside the one before.
    package var beside = 0
    /// Bytes of volumes, as `storage` says.
    package var storage = 0
    /// Bytes of five log files a replica.
    package var logs = 0
    package var hasRedis = false
    /// Who takes how much memory, the greatest first: what the reader would change.
    package var parts: [String] = []

    /// Bytes that the engine, the front door and the system take themselves.
    package static let ownMemory = 512 << 20
    /// Bytes for images of several releases and what builds leave.
    package static let ownDisk = 10 << 30

    package var allMemory: Int { memory + beside + Self.ownMemory }
    package var allDisk: Int { storage + logs + Self.ownDisk }

    /// - Returns: nil when the platform has no such environment.
    package init?(_ platform: Platform, _ environment: EnvironmentName) {
        guard let settings = platform.environments[environment] else { return nil }
        self.environment = environment
        server = settings.server
        var amounts: [(String, Int)] = []
        for (name, service) in platform.services.sorted(by: { $0.key < $1.key }) {
            // An engine of containers starts no more than the fewest.
            let count = service.scale.min
            milliCPUs += service.size.cpu.millis * count
            memory += service.size.memory.bytes * count
            if service.rollout.way != .replace { beside = max(beside, service.size.memory.bytes * count) }
            logs += count * 50 << 20
            amounts.append(("\(name) \(count) × \(service.size.memory)", service.size.memory.bytes * count))
        }
        for (name, resource) in platform.resources.sorted(by: { $0.key < $1.key }) {
            guard let size = resource.size ?? Self.usual(resource.kind) else { continue }
            let count = resource.standby ? 2 : 1
            milliCPUs += size.cpu.millis * count
            memory += size.memory.bytes * count
            storage += (resource.storage?.bytes ?? 0) * count
            if resource.kind == .redis { hasRedis = true }
            amounts.append(("\(name) \(count) × \(size.memory)", size.memory.bytes * count))
        }
        parts = amounts.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map(\.0)
    }

    /// As `render compose` gives them.
    private static func usual(_ kind: Resource.Kind) -> Size? {
        switch kind {
        case .postgres: Size(cpu: CPUCount(millis: 1000), memory: ByteCount(bytes: 1 << 30))
        case .redis: Size(cpu: CPUCount(millis: 500), memory: ByteCount(bytes: 512 << 20))
        case .bucket, .topic, .cluster: nil
        }
    }
}
