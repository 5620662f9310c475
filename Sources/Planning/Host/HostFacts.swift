/// What a server is, as the probe found it; a value, so that the decisions over it need no server.
package struct HostFacts: Sendable, Hashable {
    package struct Disk: Sendable, Hashable {
        package var path: String
        package var total: Int
        package var free: Int
        package var inodes: Int
        package var freeInodes: Int
    }

    package struct Engine: Sendable, Hashable {
        package var version: String
        package var livesOn: Bool
        package var logDriver: String
        package var swarm: String
    }

    package struct Unit: Sendable, Hashable {
        package var isActive: Bool
        package var isEnabled: Bool
    }

    /// A socket that waits for others.
    package struct Listener: Sendable, Hashable {
        package var transport: String
        package var address: String
        package var port: Int
        /// Empty where only root may know.
        package var program: String

        /// Whether other machines reach it.
        package var isOpen: Bool {
            !address.hasPrefix("127.") && !address.hasPrefix("[::1]") && !address.contains("%lo")
        }
    }

    package struct Account: Sendable, Hashable {
        package var home: String
        package var groups: Set<String>
        /// Lines of `authorized_keys`.
        package var keys: String
    }

    /// As `/etc/os-release` says them: `debian`, `12`, `bookworm`.
    package var os = ""
    package var osVersion = ""
    package var osName = ""
    package var kernel = ""
    package var hasSystemd = false
    package var processors = 0
    package var memory = 0
    package var swap = 0
    /// The root, and where Docker's data lies or would lie.
    package var disks: [Disk] = []
    /// Versions of those that are installed.
    package var packages: [String: String] = [:]
    /// What dpkg was interrupted at.
    package var unfinished = ""
    package var engine: Engine?
    package var engineProgram = ""
    /// The words that the engine was started with.
    package var engineWords: [String] = []
    /// The engine was started before its file was last changed.
    package var isEngineOlderThanFile = false
    package var units: [String: Unit] = [:]
    package var listeners: [Listener] = []
    /// The ports that sshd waits at, serves somebody at, or says in its configuration.
    package var sshPorts: Set<Int> = []
    package var sshd: [String: String] = [:]
    /// It was started, or read its configuration, before our file was written.
    package var isSSHOlderThanFile = false
    /// What `ufw status verbose` says; empty without ufw.
    package var ufw = ""
    /// Our table in the kernel; nil when it is not there.
    package var table: String?
    /// Tables, ours among them, that drop what no rule of theirs lets in: `ip filter`.
    package var closedTables: [String] = []
    package var account: Account?
    package var rootKeys = ""
    package var isClockSynchronised = false
    package var periodic: [String: String] = [:]
    package var overcommit: Int?
    package var swaps: [String] = []
    /// What `/swapfile` holds: `swap`, another thing, `unknown`; nil when there is no such file.
    package var swapFileType: String?
    package var wantsRestart = false
    /// The files that hauban writes or adds to, by path; absent ones are missing.
    package var files: [String: String] = [:]

    package init() {}

    /// - Returns: nil for an output that broke off or is none of the probe.
    package init?(probe output: String, mark: String) {
        guard let parts = HostProbe.parts(of: output, mark: mark) else { return nil }
        func lines(_ part: String) -> [Substring] { (parts[part] ?? "").split(separator: "\n") }
        func words(_ line: Substring) -> [String] { line.split(whereSeparator: \.isWhitespace).map(String.init) }
        let release = Self.pairs(lines("os"), "=")
        os = release["ID"] ?? ""
        osVersion = release["VERSION_ID"] ?? ""
        osName = release["PRETTY_NAME"] ?? os
        kernel = parts["kernel"] ?? ""
        hasSystemd = parts["systemd"] == "running"
        processors = Int(parts["processors"] ?? "") ?? 0
        for line in lines("memory") {
            let words = words(line)
            guard words.count > 1, let kibibytes = Int(words[1]) else { continue }
            if words[0] == "MemTotal:" { memory = kibibytes << 10 } else { swap = kibibytes << 10 }
        }
        for (name, text) in parts.sorted(by: { $0.key < $1.key }) where name.hasPrefix("disk ") {
            disks += Disk(path: String(name.dropFirst(5)), text).map { [$0] } ?? []
        }
        for line in lines("packages") {
            let words = words(line)
            if words.count == 3, words[0] == "installed" { packages[words[1]] = words[2] }
        }
        unfinished = parts["unfinished"] ?? ""
        engine = lines("engine").first.flatMap { Engine(words($0)) }
        engineProgram = parts["engine-program"] ?? ""
        engineWords = lines("engine-words").map(String.init)
        isEngineOlderThanFile = parts["engine-since"] == "before"
        for line in lines("units") {
            let words = words(line)
            if words.count >= 2 {
                units[words[0]] = Unit(isActive: words[1] == "active", isEnabled: words.dropFirst(2).first == "enabled")
            }
        }
        listeners = lines("listeners").compactMap { Listener(words($0)) }
        for line in lines("sshd") {
            let words = words(line)
            if words.count == 2, words[0] == "port" { Int(words[1]).map { _ = sshPorts.insert($0) } }
            if words.count == 2 { sshd[words[0]] = words[1] }
        }
        sshPorts.formUnion(listeners.filter { $0.program == "sshd" }.map(\.port))
        // `RECV SEND LOCAL PEER`: `ss` leaves the state out where it was asked for one.
        sshPorts.formUnion(lines("sessions").compactMap { Self.port(words($0).dropFirst(2).first ?? "") })
        isSSHOlderThanFile = parts["sshd-since"] == "before"
        ufw = parts["ufw"] ?? ""
        table = parts["table"].flatMap { $0.isEmpty ? nil : $0 }
        closedTables = lines("filters").map(String.init)
        if let fields = lines("account").first?.split(separator: ":", omittingEmptySubsequences: false),
            fields.count > 6
        {
            account = Account(
                home: String(fields[5]), groups: Set(lines("groups").flatMap { words($0) }), keys: parts["keys"] ?? "")
        }
        rootKeys = parts["root-keys"] ?? ""
        isClockSynchronised = lines("time").contains("NTPSynchronized=yes")
        for (key, value) in Self.pairs(lines("periodic"), " ") {
            periodic[String(key.dropFirst("APT::Periodic::".count))] = value.filter { $0 != "\"" && $0 != ";" }
        }
        overcommit = lines("sysctl").first.flatMap { words($0).last }.flatMap { Int($0) }
        swaps = lines("swaps").compactMap { words($0).first }
        swapFileType = parts["swapfile"].flatMap { $0.isEmpty ? nil : $0 }
        wantsRestart = parts["restart"] == "wanted"
        for (part, path) in HostPaths.read {
            files[path] = parts[part].map { $0.isEmpty || $0.hasSuffix("\n") ? $0 : $0 + "\n" }
        }
    }

    /// `KEY=VALUE` lines, the value without quotes.
    private static func pairs(_ lines: [Substring], _ separator: Character) -> [String: String] {
        var pairs: [String: String] = [:]
        for line in lines {
            guard let split = line.firstIndex(of: separator) else { continue }
            pairs[String(line[..<split])] = line[line.index(after: split)...].filter { $0 != "\"" }
        }
        return pairs
    }

    /// `22` of `0.0.0.0:22` and `[::]:22`.
    fileprivate static func port(_ address: String) -> Int? {
        address.lastIndex(of: ":").flatMap { Int(address[address.index(after: $0)...]) }
    }

    /// Where Docker's data lies, or would.
    package var dataDisk: Disk? { disks.last { $0.path != "/" } ?? disks.first }
    package func isActive(_ unit: String) -> Bool { units[unit]?.isActive ?? false }
    package func has(_ package: String) -> Bool { packages[package] != nil }
}

/// The files of a server that hauban writes.
enum HostPaths {
    static let daemon = "/etc/docker/daemon.json"
    static let firewall = "/etc/hauban/firewall.nft"
    static let firewallUnit = "/etc/systemd/system/hauban-firewall.service"
    static let sysctl = "/etc/sysctl.d/60-hauban.conf"
    static let upgrades = "/etc/apt/apt.conf.d/52hauban-upgrades"
    static let sshd = "/etc/ssh/sshd_config.d/10-hauban.conf"
    static let fstab = "/etc/fstab"
    static let swap = "/swapfile"

    /// By the probe's part.
    static let read = [
        "daemon": daemon, "firewall": firewall, "firewall-unit": firewallUnit, "sysctl-file": sysctl,
        "upgrades-file": upgrades, "sshd-file": sshd, "fstab": fstab,
    ]
}

extension HostFacts.Disk {
    /// A line of `df -PB1` and one of `df -Pi`.
    fileprivate init?(path: String, _ text: String) {
        let rows = text.split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace).map { Int($0) } }
        guard rows.count == 2, rows.allSatisfy({ $0.count >= 5 }), let total = rows[0][1], let free = rows[0][3] else {
            return nil
        }
        // Some file systems count none.
        self.init(path: path, total: total, free: free, inodes: rows[1][1] ?? 0, freeInodes: rows[1][3] ?? 0)
    }
}

extension HostFacts.Engine {
    fileprivate init?(_ words: [String]) {
        guard words.count >= 4, words[0].first?.isNumber == true else { return nil }
        self.init(version: words[0], livesOn: words[1] == "true", logDriver: words[2], swarm: words[3])
    }
}

extension HostFacts.Listener {
    /// A line of `ss -tulnpH`: `tcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))`.
    fileprivate init?(_ words: [String]) {
        guard words.count >= 6, let port = HostFacts.port(words[4]) else { return nil }
        let address = String(words[4].prefix(upTo: words[4].lastIndex(of: ":") ?? words[4].endIndex))
        let program = words.dropFirst(6).first.flatMap { text in text.split(separator: "\"").dropFirst().first }
        self.init(transport: words[0], address: address, port: port, program: program.map(String.init) ?? "")
    }
}
