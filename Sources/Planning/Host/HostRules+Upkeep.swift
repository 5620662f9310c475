import Spec

extension HostRules {
    // MARK: Who deploys

    var account: HostItem {
        let name = wish.account
        let why =
            "Who is in the group docker can become root with one command: give it to nobody whom you would not give root."
        var steps: [HostStep] = []
        var wanted: [String] = []
        let home = facts.account?.home ?? "/home/\(name)"
        if facts.account == nil {
            // No password matches `*`; with the usual `!` an sshd without PAM would refuse keys too.
            steps.append(
                .run(
                    ["useradd", "--create-home", "--shell", "/bin/bash", "--password", "*", name], within: .seconds(60))
            )
            wanted.append("a user without a password")
        }
        if facts.account?.groups.contains("docker") != true {
            steps.append(.run(["usermod", "--append", "--groups", "docker", name], within: .seconds(60)))
            wanted.append("the group docker")
        }
        let known = facts.account?.keys ?? ""
        let lines = known.split(separator: "\n").map(String.init)
        let lacking = wish.keys.filter { key in !lines.contains { Self.material($0) == Self.material(key) } }
        if !lacking.isEmpty {
            let folder = home + "/.ssh"
            steps.append(.run(["install", "-d", "-m", "0700", "-o", name, "-g", name, folder], within: .seconds(60)))
            let text = (lines + lacking).joined(separator: "\n") + "\n"
            steps.append(
                .write(
                    HostFile(
                        folder + "/authorized_keys", text, mode: "0600", owner: name,
                        before: known.isEmpty ? nil : known + (known.hasSuffix("\n") ? "" : "\n"))))
            wanted.append(lacking.count == 1 ? "1 key" : "\(lacking.count) keys")
        }
        guard steps.isEmpty else {
            return HostItem(
                .account, .change, facts.account == nil ? "no user \(name)" : "user \(name)",
                wanted: wanted.joined(separator: ", "), why: why, steps: steps)
        }
        guard !lines.isEmpty else {
            return HostItem(
                .account, .advice, "user \(name), in docker, whom no key lets in",
                wanted: "--key FILE with a public key",
                why: "It has no password either.")
        }
        return HostItem(.account, .fine, "user \(name), in docker: equal to root")
    }

    /// A key without its options and comment.
    private static func material(_ line: String) -> String {
        let words = line.split(separator: " ")
        let kinds = words.firstIndex { $0.hasPrefix("ssh-") || $0.hasPrefix("ecdsa-") || $0.hasPrefix("sk-") }
        return kinds.flatMap { words.indices.contains($0 + 1) ? String(words[$0 + 1]) : nil } ?? line
    }

    // MARK: ssh

    var ssh: [HostItem] {
        guard !facts.sshd.isEmpty else { return [] }
        let passwords = facts.sshd["passwordauthentication"] == "yes"
        let asks = facts.sshd["kbdinteractiveauthentication"] == "yes"
        let root = facts.sshd["permitrootlogin"] == "yes"
        let open = [
            passwords ? "passwords" : nil, asks ? "keyboard-interactive" : nil, root ? "root with a password" : nil,
        ]
        .compactMap(\.self)
        let reload = HostStep.run(["systemctl", "try-reload-or-restart", "ssh.service"], within: .seconds(60))
        // `sshd -T` reads the files; what runs may have read them before ours was written.
        if open.isEmpty, facts.isSSHOlderThanFile {
            return [
                HostItem(
                    .ssh, .change, "sshd has not read its settings since they changed", wanted: "it reads them",
                    steps: [.run(["sshd", "-t"], within: .seconds(30)), reload])
            ]
        }
        guard !open.isEmpty else { return [HostItem(.ssh, .fine, "keys only")] }
        let found = "sshd accepts \(open.joined(separator: ", "))"
        guard wish.hardens else {
            return [
                HostItem(
                    .ssh, .advice, found, wanted: "--harden ends it",
                    why: "Passwords of servers are tried all day long.")
            ]
        }
        let hasKey = [facts.rootKeys, facts.account?.keys ?? ""].contains { !$0.allSatisfy(\.isWhitespace) }
        guard wish.loginHasKey || hasKey || !wish.keys.isEmpty else {
            return [
                HostItem(
                    .ssh, .yours, found, wanted: "a key that lets somebody in, first (--key FILE)",
                    why: "Without one, keys only would lock everybody out.")
            ]
        }
        let text = """
            # Written by `hauban host prepare --harden`. The first value of a setting counts, so this file comes before others.
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password

            """
        var steps: [HostStep] = []
        if facts.files[HostPaths.sshd] != text {
            steps.append(.write(HostFile(HostPaths.sshd, text, before: facts.files[HostPaths.sshd])))
        }
        steps.append(.run(["sshd", "-t"], within: .seconds(30)))
        steps.append(reload)
        return [HostItem(.ssh, .change, found, wanted: "keys only", why: "--harden asks for it.", steps: steps)]
    }

    // MARK: The clock

    private static let clocks = [
        ("chrony", "chrony.service"), ("systemd-timesyncd", "systemd-timesyncd.service"), ("ntpsec", "ntpsec.service"),
        ("ntp", "ntp.service"), ("openntpd", "openntpd.service"),
    ]

    var hasClock: Bool { Self.clocks.contains { facts.has($0.0) } }

    var clock: HostItem {
        if let running = Self.clocks.first(where: { facts.isActive($0.1) }) {
            guard facts.isClockSynchronised else {
                return HostItem(
                    .clock, .advice, "\(running.0) runs and has not set the clock", wanted: "look at `timedatectl`",
                    why: "It may have started just now, or reach no server of the time.")
            }
            return HostItem(.clock, .fine, "set by \(running.0)")
        }
        let installed = Self.clocks.first { facts.has($0.0) } ?? Self.clocks[1]
        return HostItem(
            .clock, .change, "nothing sets the clock", wanted: "\(installed.0) does",
            why: "Certificates, tokens and logs are judged by it.",
            steps: [
                .run(["systemctl", "enable", installed.1], within: .seconds(60)),
                .run(["systemctl", "start", installed.1], within: .seconds(60)),
            ])
    }

    // MARK: Upgrades

    var upgrades: HostItem {
        let wanted = ["Update-Package-Lists", "Unattended-Upgrade"]
        let isOff = wanted.contains { ["", "0"].contains(facts.periodic[$0] ?? "") }
        let hasTimer = facts.units["apt-daily-upgrade.timer"].map { $0.isEnabled && $0.isActive } ?? true
        guard isOff || !hasTimer else { return HostItem(.upgrades, .fine, "security updates install themselves") }
        let text = """
            // Written by `hauban host prepare`.
            APT::Periodic::Update-Package-Lists "1";
            APT::Periodic::Unattended-Upgrade "1";

            """
        var steps: [HostStep] = []
        if isOff { steps.append(.write(HostFile(HostPaths.upgrades, text, before: facts.files[HostPaths.upgrades]))) }
        if !hasTimer {
            for timer in ["apt-daily.timer", "apt-daily-upgrade.timer"] {
                steps.append(.run(["systemctl", "enable", timer], within: .seconds(60)))
                steps.append(.run(["systemctl", "start", timer], within: .seconds(60)))
            }
        }
        return HostItem(
            .upgrades, .change, "security updates wait for somebody", wanted: "they install themselves",
            why: "Most break-ins use what was mended long ago. The machine is not restarted by it.", steps: steps)
    }

    // MARK: The kernel's settings

    var kernel: [HostItem] {
        guard wish.demand?.hasRedis ?? true, let now = facts.overcommit else { return [] }
        let why =
            "Redis forks to write to disk, and is refused that when memory is half full (redis.io, \"Administration\")."
        switch now {
        case 1: return [HostItem(.kernel, .fine, "vm.overcommit_memory = 1")]
        case 0:
            let text = "# Written by `hauban host prepare`: Redis forks to write to disk.\nvm.overcommit_memory = 1\n"
            var steps: [HostStep] = []
            if facts.files[HostPaths.sysctl] != text {
                steps.append(.write(HostFile(HostPaths.sysctl, text, before: facts.files[HostPaths.sysctl])))
            }
            steps.append(.run(["sysctl", "-q", "-w", "vm.overcommit_memory=1"], within: .seconds(30)))
            return [HostItem(.kernel, .change, "vm.overcommit_memory = 0", wanted: "1", why: why, steps: steps)]
        default:
            return [
                HostItem(
                    .kernel, .advice, "vm.overcommit_memory = \(now)", wanted: "1",
                    why: "Somebody chose it: it is left as it is. " + why)
            ]
        }
    }

    // MARK: Swap

    var swap: HostItem {
        let line = "\(HostPaths.swap) none swap sw 0 0"
        let fstab = facts.files[HostPaths.fstab] ?? ""
        let isListed = fstab.split(separator: "\n").contains {
            $0.split(whereSeparator: \.isWhitespace).first == "/swapfile"
        }
        let isOurs = facts.swaps.contains(HostPaths.swap)
        guard let size = wish.swap, facts.swap == 0 || isOurs && !isListed else {
            if facts.swap > 0 { return HostItem(.swap, .fine, Self.size(facts.swap)) }
            return HostItem(
                .swap, .advice, "none", wanted: "--swap 1Gi makes a file",
                why: "A little lets the kernel put away what is never used; without, the first peak ends a process.")
        }
        if let kind = facts.swapFileType, kind != "swap", !isOurs {
            return HostItem(
                .swap, .yours, "\(HostPaths.swap) is no file to swap to", wanted: "another name for it, or none",
                why: "What is in it is somebody's: it is left as it is.")
        }
        var steps: [HostStep] = []
        if facts.swapFileType == nil, !isOurs {
            // Renamed when it is whole: what is found there can be used.
            let new = HostPaths.swap + ".hauban-new"
            steps = [
                .run(["rm", "-f", new], within: .seconds(60)),
                .run(["fallocate", "-l", "\(size.bytes)", new], within: .seconds(300)),
                .run(["chmod", "0600", new], within: .seconds(30)), .run(["mkswap", "-q", new], within: .seconds(60)),
                .run(["mv", new, HostPaths.swap], within: .seconds(30)),
            ]
        }
        if !isOurs { steps.append(.run(["swapon", HostPaths.swap], within: .seconds(60))) }
        if !isListed {
            steps.append(.write(HostFile(HostPaths.fstab, fstab + line + "\n", before: facts.files[HostPaths.fstab])))
        }
        return HostItem(
            .swap, .change, isOurs ? "not after a boot" : "none", wanted: "\(HostPaths.swap) of \(size)", steps: steps)
    }
}
