extension HostRules {
    private static let unit = "hauban-firewall.service"

    var firewall: [HostItem] {
        if facts.isActive("firewalld.service") {
            return [
                HostItem(
                    .firewall, .yours, "firewalld is active",
                    wanted: "let it accept \(portList), or `systemctl disable --now firewalld`",
                    why: "Two firewalls that do not know each other cannot be reasoned about; this one is left alone. "
                        + "Docker's published ports pass it by.")
            ]
        }
        var items: [HostItem] = []
        let hasUFW = facts.ufw.hasPrefix("Status: active")
        if hasUFW { items += ufw }
        let others = facts.closedTables.filter { $0 != "inet hauban" }
        if !hasUFW, !others.isEmpty {
            items.append(
                HostItem(
                    .firewall, .advice,
                    "the table \(others.joined(separator: ", ")) drops by itself what it does not know",
                    wanted: "80 and 443 open there too",
                    why: "Every table is asked, and one that drops is enough. Tables of others are left alone."))
        }
        let text = rules(withInput: !hasUFW)
        let mark = Self.mark(of: text)
        let isLoaded = facts.table?.contains("chain \(mark) ") == true
        let isWritten = facts.files[HostPaths.firewall] == text
        let isUnit = facts.files[HostPaths.firewallUnit] == Self.unitText
        let isEnabled = facts.units[Self.unit]?.isEnabled == true
        let isActive = facts.isActive(Self.unit)
        let docker =
            "Docker's published ports pass by \(hasUFW ? "ufw" : "the input rules"): "
            + "a hook of its own drops what leads to another one than 80 or 443 from outside."
        if isLoaded, isWritten, isUnit, isEnabled, isActive {
            items.append(
                HostItem(.firewall, .fine, hasUFW ? "ufw, and Docker's ports behind a hook" : "open: \(portList)"))
            return items
        }
        var steps: [HostStep] = []
        if !isWritten {
            steps.append(
                .write(HostFile(HostPaths.firewall, text, mode: "0600", before: facts.files[HostPaths.firewall])))
        }
        if !isUnit {
            steps.append(
                .write(HostFile(HostPaths.firewallUnit, Self.unitText, before: facts.files[HostPaths.firewallUnit])))
        }
        if !isUnit || !isEnabled { steps.append(.run(["systemctl", "daemon-reload"], within: .seconds(60))) }
        if !isLoaded {
            steps.append(
                .guarded(
                    apply: "nft -f \(HostPaths.firewall)",
                    undo: "nft delete table inet hauban; mv \(HostPaths.firewall) \(HostPaths.firewall).refused"))
        }
        // Only what let a new session in is loaded at the next boot.
        if !isEnabled { steps.append(.run(["systemctl", "enable", Self.unit], within: .seconds(60))) }
        // Only one that is active is restarted with nftables.service.
        if !isActive { steps.append(.run(["systemctl", "start", Self.unit], within: .seconds(60))) }
        let closes = hasUFW ? [] : closed
        items.append(
            HostItem(
                .firewall, .change,
                facts.table == nil
                    ? (hasUFW ? "ufw, which Docker's ports pass by" : "no rules of ours") : "rules of ours that differ",
                wanted: hasUFW ? "80 and 443 alone of Docker's ports" : "open from outside: \(portList)",
                why: docker
                    + (closes.isEmpty ? "" : " This closes \(closes.joined(separator: ", ")); --allow keeps one open."),
                steps: steps))
        return items
    }

    /// ssh first: every port that it waits at or serves somebody at.
    var ports: [HostWish.OpenPort] {
        (sshPorts.map { HostWish.OpenPort($0) } + Array(wish.open) + [.init(80), .init(443)]).reduce(into: []) {
            all, one in
            if !all.contains(one) { all.append(one) }
        }
    }

    private var sshPorts: [Int] {
        let found = facts.sshPorts.union(wish.sessionPort.map { [$0] } ?? [])
        // Where nothing says which, it is the usual one.
        return found.isEmpty ? [22] : found.sorted()
    }

    private var portList: String {
        ports.map { $0.transport == .tcp ? "\($0.port)" : "\($0)" }.joined(separator: ", ")
            + (wish.peers.isEmpty ? "" : ", and a Swarm's ports from \(wish.peers.joined(separator: ", "))")
    }

    /// What others reach now and would not any more.
    private var closed: [String] {
        let kept = Set(ports)
        let found = facts.listeners.filter { listener in
            guard listener.isOpen, listener.program != "docker-proxy" else { return false }
            let transport: HostWish.OpenPort.Transport = listener.transport == "udp" ? .udp : .tcp
            let isOfSwarm =
                !wish.peers.isEmpty && Self.swarmPorts.contains { $0 == (listener.port, listener.transport) }
            return !kept.contains(.init(listener.port, transport)) && !isOfSwarm
                // Asked by name of ours, never from outside: DHCP's answers are let in.
                && !(transport == .udp && [68, 546].contains(listener.port))
        }
        let names = found.map { "\($0.port)/\($0.transport)" + ($0.program.isEmpty ? "" : " (\($0.program))") }
        return Set(names).sorted { $0.localizedOrder < $1.localizedOrder }
    }

    // MARK: ufw

    private var ufw: [HostItem] {
        let rows = facts.ufw.split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
        func isAllowed(_ port: HostWish.OpenPort) -> Bool {
            rows.contains { row in
                guard let to = row.first, row.contains("ALLOW"), row.contains("Anywhere") else { return false }
                let names = ["\(port)", "\(port.port)"] + (port == .init(22) ? ["OpenSSH"] : [])
                return names.contains(to)
            }
        }
        // `limit` lets ssh in as well, more slowly.
        func isLimited(_ port: HostWish.OpenPort) -> Bool {
            rows.contains {
                $0.first.map { [port.description, "\(port.port)", "OpenSSH"].contains($0) } == true
                    && $0.contains("LIMIT")
            }
        }
        let lacking = ports.filter { !isAllowed($0) && !isLimited($0) }
        var steps = lacking.map { HostStep.run(["ufw", "allow", $0.description], within: .seconds(60)) }
        for peer in wish.peers {
            for (port, transport) in Self.swarmPorts where !facts.ufw.contains("\(port)/\(transport)") {
                steps.append(
                    .run(
                        ["ufw", "allow", "from", peer, "to", "any", "port", "\(port)", "proto", transport],
                        within: .seconds(60)))
            }
        }
        let isOpen = facts.ufw.contains("allow (incoming)")
        if isOpen { steps.append(.run(["ufw", "default", "deny", "incoming"], within: .seconds(60))) }
        guard !steps.isEmpty else { return [] }
        return [
            HostItem(
                .firewall, .change,
                "ufw"
                    + (isOpen
                        ? " lets everything in" : " without \(lacking.map(\.description).joined(separator: ", "))"),
                wanted: "open from outside: \(portList), and what ufw allows already",
                why: "ufw is active, so its rules are added to.",
                steps: steps)
        ]
    }

    // MARK: The rules

    private static let swarmPorts = [(2377, "tcp"), (7946, "tcp"), (7946, "udp"), (4789, "udp")]

    /// The table, as one transaction of `nft`: no moment is without rules, and none of anybody else's are touched. A name of a chain tells
    /// which text is loaded.
    func rules(withInput: Bool) -> String {
        let body = (withInput ? input : "") + Self.forward
        return """
            # Written by `hauban host prepare`, which writes it anew.
            table inet hauban
            delete table inet hauban
            table inet hauban {
              chain \(Self.mark(body)) {
              }
            \(body)}

            """
    }

    private static func mark(of text: String) -> String {
        text.split(separator: "\n").lazy.compactMap { line -> String? in
            let words = line.split(separator: " ")
            return words.count > 1 && words[0] == "chain" ? String(words[1]) : nil
        }.first ?? ""
    }

    /// Not a secret and nobody's choice: FNV-1a is enough to tell texts apart.
    private static func mark(_ text: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return "rules_" + String(hash, radix: 16)
    }

    private var input: String {
        func set(_ transport: HostWish.OpenPort.Transport) -> String? {
            let numbers = ports.filter { $0.transport == transport }.map { "\($0.port)" }
            return numbers.isEmpty
                ? nil : "    \(transport.rawValue) dport { \(numbers.joined(separator: ", ")) } accept\n"
        }
        var text = """
              chain input {
                type filter hook input priority 0; policy drop;
                ct state established,related accept
                ct state invalid drop
                iif "lo" accept
                meta l4proto { icmp, ipv6-icmp } accept
                udp sport 67 udp dport 68 accept
                ip6 saddr fe80::/10 udp dport 546 accept

            """
        text += [set(.tcp), set(.udp)].compactMap(\.self).joined()
        for peer in wish.peers {
            let family = peer.contains(":") ? "ip6" : "ip"
            for (port, transport) in Self.swarmPorts {
                text += "    \(family) saddr \(peer) \(transport) dport \(port) accept\n"
            }
        }
        return text + "  }\n"
    }

    /// What Docker publishes is forwarded and meets no rule of input. A second hook beside Docker's own chains: a drop in one is the end, and
    /// Docker does not rewrite this one.
    private static let forward = """
          chain published {
            type filter hook forward priority 0; policy accept;
            ct state established,related accept
            iifname "docker*" accept
            iifname "br-*" accept
            meta l4proto tcp ct original proto-dst 80 ct status dnat accept
            meta l4proto tcp ct original proto-dst 443 ct status dnat accept
            ct status dnat drop
          }

        """

    /// Restarted with nftables.service, whose restart takes every table away (systemd.unit, `PartOf=`).
    static let unitText = """
        # Written by `hauban host prepare`, which writes it anew.
        [Unit]
        Description=Firewall of hauban
        After=nftables.service ufw.service
        PartOf=nftables.service
        Before=network-pre.target docker.service
        Wants=network-pre.target
        DefaultDependencies=no
        Conflicts=shutdown.target

        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=/usr/sbin/nft -f /etc/hauban/firewall.nft

        [Install]
        WantedBy=multi-user.target

        """
}

extension String {
    /// Numbers before texts, by their value: `80/tcp` before `5432/tcp`.
    fileprivate var localizedOrder: (Int, String) { (Int(prefix { $0.isNumber }) ?? 0, self) }
}
