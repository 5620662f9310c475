import Spec

/// The rules by which a server is judged; each area in a file of its own.
struct HostRules {
    let facts: HostFacts
    let wish: HostWish

    /// The releases whose packages and services these rules know, with what needs a name of its own there.
    private static let known: [String: [String]] = [
        "debian": ["11", "12", "13"], "ubuntu": ["22.04", "24.04"],
    ]

    var system: HostItem {
        let name = "\(facts.osName.isEmpty ? "an unknown system" : facts.osName)"
        guard Self.known[facts.os]?.contains(facts.osVersion) == true else {
            return HostItem(
                .system, .yours, name, wanted: "Debian 11 to 13, or Ubuntu 22.04 or 24.04",
                why: "Others name packages and services differently; nothing is changed on them.")
        }
        guard facts.hasSystemd else {
            return HostItem(
                .system, .yours, name + " without systemd", wanted: "a system that systemd has started",
                why: "Docker, the firewall and the clock are started by it at boot.")
        }
        if facts.wantsRestart {
            return HostItem(
                .system, .advice, name + ", which waits for a restart", wanted: "restart it when it suits",
                why: "A new kernel or library is installed and not in use.")
        }
        if let server = wish.demand?.server, let os = server.os, os != "\(facts.os)-\(facts.osVersion)" {
            return HostItem(
                .system, .advice, name, wanted: os, why: "`environments.*.server.os` says so; both can be prepared.")
        }
        return HostItem(.system, .fine, "\(name), Linux \(facts.kernel.split(separator: " ").dropFirst().first ?? "")")
    }

    // MARK: Size

    var size: [HostItem] {
        var items: [HostItem] = []
        if let demand = wish.demand { items += [processors(demand), memory(demand)] }
        items.append(disk)
        if let inodes { items.append(inodes) }
        return items
    }

    private func processors(_ demand: HostDemand) -> HostItem {
        let have = facts.processors * 1000
        if let least = demand.server?.cpu?.millis, have < least {
            return HostItem(
                .size, .yours, "\(facts.processors) processors",
                wanted: "\(CPUCount(millis: least)), as environments.\(demand.environment).server says")
        }
        let need = CPUCount(millis: demand.milliCPUs)
        guard demand.milliCPUs > have else {
            return HostItem(.size, .fine, "\(facts.processors) processors for \(need) of \(demand.environment)")
        }
        return HostItem(
            .size, .advice, "\(facts.processors) processors",
            wanted: "\(need), the sum of \(demand.environment)'s sizes",
            why: "Under full load they slow each other down; none is ended for it.")
    }

    private func memory(_ demand: HostDemand) -> HostItem {
        let have = Self.size(facts.memory)
        // The kernel keeps a part of what was bought for itself: a machine of 4 GiB counts 3.8.
        let margin = facts.memory / 16
        if let least = demand.server?.memory?.bytes, facts.memory + margin < least {
            return HostItem(
                .size, .yours, "\(have) of memory",
                wanted: "\(ByteCount(bytes: least)), as environments.\(demand.environment).server says")
        }
        let sum =
            "\(Self.size(demand.memory)) of \(demand.environment)"
            + (demand.beside > 0 ? ", \(Self.size(demand.beside)) while a release runs beside the one before" : "")
            + ", \(Self.size(HostDemand.ownMemory)) of the system"
        guard facts.memory + margin < demand.allMemory else {
            return HostItem(.size, .fine, "\(have) of memory for \(sum)")
        }
        // A Swarm spreads it over several.
        return HostItem(
            .size, wish.isSwarm ? .advice : .yours, "\(have) of memory",
            wanted: "\(Self.size(demand.allMemory)): \(sum)",
            why: (wish.isSwarm ? "All servers of the Swarm together need it. " : "")
                + "What is beyond is ended by the kernel. The greatest: \(demand.parts.prefix(3).joined(separator: ", "))."
        )
    }

    private var disk: HostItem {
        guard let disk = facts.dataDisk else {
            return HostItem(.size, .yours, "the disk of /var/lib/docker cannot be read", wanted: "look at `df`")
        }
        let place = disk.path == "/" ? "the root disk" : "the disk of \(disk.path)"
        let found = "\(Self.size(disk.free)) free of \(Self.size(disk.total)) on \(place)"
        if let least = wish.demand?.server?.disk?.bytes, disk.total + disk.total / 16 < least {
            return HostItem(.size, .yours, found, wanted: "a disk of \(ByteCount(bytes: least)), as `server` says")
        }
        let need = wish.demand?.allDisk ?? HostDemand.ownDisk
        // A server that already serves has used a part of what it needs.
        let isServing = facts.engine != nil
        guard disk.free < (isServing ? min(need, disk.total / 10) : need) else {
            return HostItem(.size, .fine, found)
        }
        let parts = wish.demand.map {
            "\(Self.size($0.storage)) of data, \(Self.size($0.logs)) of logs, \(Self.size(HostDemand.ownDisk)) for images"
        }
        return HostItem(
            .size, .yours, found, wanted: "\(Self.size(isServing ? min(need, disk.total / 10) : need)) free",
            why: parts ?? "Images of several releases and what their builds leave take some 10 GiB.")
    }

    private var inodes: HostItem? {
        guard let disk = facts.dataDisk, disk.inodes > 0, disk.freeInodes < max(disk.inodes / 20, 50_000) else {
            return nil
        }
        return HostItem(
            .size, .yours, "\(disk.freeInodes) of \(disk.inodes) inodes free on the disk of \(disk.path)",
            wanted: "room for 50000 files and a twentieth of all",
            why: "Images are many small files: without inodes a disk is full while `df` shows room.")
    }

    /// `3.8 GiB`, `512 MiB`.
    static func size(_ bytes: Int) -> String {
        guard bytes >= 1 << 30 else { return "\(bytes >> 20) MiB" }
        let tenths = (bytes * 10 + (1 << 29)) >> 30
        return tenths % 10 == 0 ? "\(tenths / 10) GiB" : "\(tenths / 10).\(tenths % 10) GiB"
    }

    static func install(_ packages: [String]) -> [HostStep] {
        // Another apt, such as the nightly one, is waited for.
        let words = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
        return [
            .run(words + ["update"], within: .seconds(600)),
            .run(
                words + ["install", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold"]
                    + packages,
                within: .seconds(1800)),
        ]
    }
}
