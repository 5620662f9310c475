import Planning
import Spec
import Testing

@Suite("The plan of a server")
struct HostPlanTests {
    private func item(_ plan: HostPlan, _ area: HostItem.Area) throws -> HostItem {
        try #require(plan.items.first { $0.area == area })
    }

    private func file(_ plan: HostPlan, _ path: String) throws -> HostFile {
        let files = plan.steps.compactMap { step in if case .write(let file) = step.step { file } else { nil } }
        return try #require(files.first { $0.path == path })
    }

    private func commands(_ plan: HostPlan) -> [String] { plan.steps.map(\.step.text) }

    @Test("a fresh Ubuntu 22.04 gets the distribution's engine, its settings first, and the firewall last")
    func fresh() throws {
        let plan = HostPlan(try RecordedHosts.facts(RecordedHosts.jammy), HostWish(sessionPort: 22))
        let commands = commands(plan)
        let install = try #require(commands.firstIndex { $0.hasSuffix("docker.io") })
        let settings = try #require(commands.firstIndex(of: "write /etc/docker/daemon.json"))
        #expect(settings < install)
        let group = try #require(commands.firstIndex(of: "usermod --append --groups docker deploy"))
        #expect(install < group)
        #expect(
            commands.suffix(3) == [
                "nft -f /etc/hauban/firewall.nft", "systemctl enable hauban-firewall.service",
                "systemctl start hauban-firewall.service",
            ])
        #expect(try item(plan, .account).why.contains("root"))
        #expect(try item(plan, .firewall).why.contains("9100/tcp (prometheus-node)"))
        #expect(try item(plan, .ssh).state == .advice && item(plan, .swap).state == .advice)
        #expect(try item(plan, .clock).state == .fine && item(plan, .upgrades).state == .fine)
        #expect(try item(plan, .kernel).state == .change)
        #expect(try item(plan, .size).found == "74.9 GiB free of 77.4 GiB on the disk of /var/lib")
    }

    @Test("an Ubuntu 24.04 in use keeps its engine, its ufw and what its settings say")
    func used() throws {
        let plan = HostPlan(try RecordedHosts.facts(RecordedHosts.noble), HostWish(sessionPort: 2222))
        let commands = commands(plan)
        #expect(!commands.contains { $0.contains("apt-get") })
        #expect(commands.contains("ufw allow 80/tcp") && !commands.contains { $0.contains("ufw allow 443") })
        #expect(!commands.contains { $0.contains("2222") }, "a limit lets ssh in too")
        let settings = try file(plan, "/etc/docker/daemon.json")
        #expect(
            settings.content == """
                {
                  "log-driver": "json-file",
                  "log-opts": {
                    "max-size": "100m",
                    "labels": "team",
                    "max-file": "5"
                  },
                  "default-address-pools": [
                    {
                      "base": "10.200.0.0/16",
                      "size": 24
                    }
                  ],
                  "live-restore": true
                }

                """)
        let reload = try #require(commands.firstIndex(of: "systemctl reload docker.service"))
        #expect(commands[reload + 1] == "systemctl restart docker.service", "live-restore counts before the restart")
        let rules = try file(plan, "/etc/hauban/firewall.nft").content
        #expect(!rules.contains("hook input") && rules.contains("hook forward"))
        #expect(try item(plan, .account).state == .fine && item(plan, .swap).state == .fine)
        #expect(try item(plan, .ssh).state == .fine && item(plan, .clock).found == "set by chrony")
    }

    @Test("the port of the session in use stays open, whatever else is known", arguments: [22, 2022])
    func session(_ port: Int) throws {
        var parts = RecordedHosts.replacing(RecordedHosts.jammy, [("sshd", ""), ("listeners", ""), ("sessions", "")])
        let silent = try file(
            HostPlan(try RecordedHosts.facts(parts), HostWish(sessionPort: port)), "/etc/hauban/firewall.nft")
        #expect(silent.content.contains("tcp dport { \(port), 80, 443 } accept"))
        parts = RecordedHosts.replacing(
            parts, [("sessions", "0 0 [2001:db8::5]:2200 [2001:db8::7]:4711 users:((\"sshd\",pid=1,fd=4))")])
        let seen = try file(
            HostPlan(try RecordedHosts.facts(parts), HostWish(sessionPort: port)), "/etc/hauban/firewall.nft")
        #expect(seen.content.contains("tcp dport { \(min(port, 2200)), \(max(port, 2200)), 80, 443 } accept"))
    }

    @Test("what is to stay open and the servers of a Swarm are in the rules")
    func openPorts() throws {
        var wish = HostWish(
            open: [.init(9100), .init(51_820, .udp)], peers: ["10.0.0.0/24", "fd00::2"], isSwarm: true)
        wish.sessionPort = 22
        let plan = HostPlan(try RecordedHosts.facts(RecordedHosts.jammy), wish)
        let rules = try file(plan, "/etc/hauban/firewall.nft").content
        #expect(
            rules.contains("tcp dport { 22, 9100, 80, 443 } accept") && rules.contains("udp dport { 51820 } accept"))
        #expect(rules.contains("ip saddr 10.0.0.0/24 udp dport 4789 accept"))
        #expect(rules.contains("ip6 saddr fd00::2 tcp dport 2377 accept"))
        #expect(!(try item(plan, .firewall).why.contains("9100")))
        #expect(
            !(try file(plan, "/etc/docker/daemon.json").content.contains("live-restore")), "no Swarm starts with it")
    }

    @Test("another table that drops by itself is told and left alone; ufw's own is not another one")
    func others() throws {
        let filters = ("filters", "inet hauban\nip filter")
        let plan = HostPlan(
            try RecordedHosts.facts(RecordedHosts.replacing(RecordedHosts.jammy, [filters])), HostWish())
        let told = plan.items.filter { $0.area == .firewall }
        #expect(told.map(\.state) == [.advice, .change] && told[0].found.hasPrefix("the table ip filter drops"))
        let noble = HostPlan(
            try RecordedHosts.facts(RecordedHosts.replacing(RecordedHosts.noble, [filters])), HostWish())
        #expect(!noble.items.contains { $0.found.contains("ip filter") })
    }

    @Test(
        "settings of the engine that somebody chose are told and kept",
        arguments: [
            (#"{"live-restore": false}"#, "says live-restore: false"), (#"{"log-opts": "x"}"#, #"says log-opts: "x""#),
            ("{,}", "is no JSON"), ("[]", "is no JSON object"),
        ])
    func foreign(_ text: String, _ told: String) throws {
        let parts = RecordedHosts.replacing(RecordedHosts.noble, [("daemon", text)])
        let plan = HostPlan(try RecordedHosts.facts(parts), HostWish())
        let found = try #require(plan.items.first { $0.area == .docker && $0.found.hasSuffix(told) })
        #expect(found.state == (text.hasPrefix("{\"") ? .advice : .yours))
        for case .write(let file) in plan.steps.map(\.step) where file.path == "/etc/docker/daemon.json" {
            #expect(!file.content.contains("\"live-restore\": true") || !text.contains("live-restore"))
            #expect(text.hasPrefix("{\""), "a file that is not understood is not written")
        }
    }

    @Test("a setting that the engine was started with is not said twice, and another log driver has no limits")
    func flags() throws {
        let parts = RecordedHosts.replacing(
            RecordedHosts.noble,
            [("daemon", #"{"log-driver": "journald"}"#), ("engine-words", "/usr/bin/dockerd\n--live-restore=true")])
        let plan = HostPlan(try RecordedHosts.facts(parts), HostWish())
        #expect(!commands(plan).contains("write /etc/docker/daemon.json"))
    }

    @Test("settings that the engine has not read yet make it read them")
    func unread() throws {
        let daemon =
            #"{"live-restore": true, "log-driver": "json-file", "log-opts": {"max-size": "1m", "max-file": "2"}}"#
        let parts = RecordedHosts.replacing(RecordedHosts.noble, [("daemon", daemon), ("engine-since", "before")])
        #expect(
            commands(HostPlan(try RecordedHosts.facts(parts), HostWish())).contains("systemctl restart docker.service"))
        let read = RecordedHosts.replacing(parts, [("engine-since", "")])
        #expect(
            !commands(HostPlan(try RecordedHosts.facts(read), HostWish())).contains { $0.contains("docker.service") })
    }

    @Test(
        "systems that are not known are left alone",
        arguments: [
            ("ID=alpine\nVERSION_ID=3.20", "running"), ("ID=debian\nVERSION_ID=10", "running"),
            ("ID=debian\nVERSION_ID=12", ""),
        ])
    func unknown(_ os: String, _ systemd: String) throws {
        let parts = RecordedHosts.replacing(RecordedHosts.jammy, [("os", os), ("systemd", systemd)])
        let plan = HostPlan(try RecordedHosts.facts(parts), HostWish())
        #expect(plan.items.map(\.state) == [.yours] && plan.steps.isEmpty && !plan.isDone)
    }

    @Test("Debian 13 gets the client that its engine's package has not, and no answer of a probe that broke off counts")
    func trixie() throws {
        let parts = RecordedHosts.replacing(
            RecordedHosts.jammy, [("os", "ID=debian\nVERSION_ID=13\nPRETTY_NAME=Debian")])
        let plan = HostPlan(try RecordedHosts.facts(parts), HostWish())
        #expect(commands(plan).contains { $0.hasSuffix(" docker.io docker-cli") })
        #expect(HostFacts(probe: "\n@@1f os\nID=debian\n", mark: "@@1f") == nil)
        #expect(HostFacts(probe: "\n@@1f os\nID=debian\n\n@@1f end\n", mark: "@@2f") == nil)
    }

    @Test("passwords end only where a key lets somebody in")
    func hardening() throws {
        let without = RecordedHosts.replacing(RecordedHosts.jammy, [("root-keys", "")])
        let refused = HostPlan(try RecordedHosts.facts(without), HostWish(hardens: true))
        #expect(try item(refused, .ssh).state == .yours)
        let plan = HostPlan(try RecordedHosts.facts(RecordedHosts.jammy), HostWish(hardens: true))
        #expect(try file(plan, "/etc/ssh/sshd_config.d/10-hauban.conf").content.contains("PasswordAuthentication no"))
        let commands = commands(plan)
        let test = try #require(commands.firstIndex(of: "sshd -t"))
        #expect(commands[test + 1] == "systemctl try-reload-or-restart ssh.service")
    }

    @Test("keys are added once, whatever comment or options they have")
    func keys() throws {
        let wish = HostWish(keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1 other@comment", "ssh-ed25519 AAAAnew ben"])
        let parts = RecordedHosts.replacing(
            RecordedHosts.noble, [("keys", "restrict,pty ssh-ed25519 AAAAC3NzaC1lZDI1 ana")])
        let plan = HostPlan(try RecordedHosts.facts(parts), wish)
        let keys = try file(plan, "/home/deploy/.ssh/authorized_keys")
        #expect(keys.content == "restrict,pty ssh-ed25519 AAAAC3NzaC1lZDI1 ana\nssh-ed25519 AAAAnew ben\n")
        #expect(keys.owner == "deploy" && keys.mode == "0600")
        #expect(
            keys.difference == [
                "@@ -1,1 +1,2 @@", " restrict,pty ssh-ed25519 AAAAC3NzaC1lZDI1 ana", "+ssh-ed25519 AAAAnew ben",
            ])
    }

    @Test("a swap file is made whole, and what lies at its place is kept")
    func swap() throws {
        let wish = HostWish(swap: ByteCount(bytes: 1 << 30))
        let fresh = HostPlan(try RecordedHosts.facts(RecordedHosts.jammy), wish)
        let commands = commands(fresh).filter { $0.contains("swap") || $0.contains("fstab") }
        #expect(commands.last == "write /etc/fstab" && commands.contains("mv /swapfile.hauban-new /swapfile"))
        #expect(try file(fresh, "/etc/fstab").content.hasSuffix("discard 0 1\n/swapfile none swap sw 0 0\n"))
        let broken = RecordedHosts.replacing(RecordedHosts.jammy, [("swapfile", "swap")])
        #expect(!self.commands(HostPlan(try RecordedHosts.facts(broken), wish)).contains { $0.contains("mkswap") })
        let other = RecordedHosts.replacing(RecordedHosts.jammy, [("swapfile", "unknown")])
        #expect(try item(HostPlan(try RecordedHosts.facts(other), wish), .swap).state == .yours)
    }

    @Test("the machine is measured against the environment: replicas, resources and a release beside the one before")
    func size() throws {
        let text = """
            hauban: 1
            platform: shop
            owner: {team: shop}
            services:
              api: {source: api, port: 8080, scale: 3, size: {cpu: 1, memory: 1Gi}, uses: {db: write}}
              worker: {source: worker, rollout: replace, size: {cpu: 500m, memory: 512Mi}}
            resources:
              db: {kind: postgres, storage: 40Gi}
            environments:
              prod: {target: docker, domain: shop.example, server: {os: ubuntu-22.04, cpu: 4, memory: 16Gi, disk: 200Gi}}
              staging: {target: docker, domain: staging.shop.example, services: {api: {scale: 1}}}
            """
        let parsed = ParsedPlatform.parse(bytes: Array(text.utf8), name: "hauban.yaml")
        func plan(_ name: String) throws -> HostPlan {
            let environment = try #require(EnvironmentName(name))
            let platform = try #require(parsed.environments[environment])
            let demand = try #require(HostDemand(platform, environment))
            if name == "staging" {
                #expect(demand.milliCPUs == 2500 && demand.memory == 2560 << 20 && demand.beside == 1 << 30)
                #expect(demand.storage == 40 << 30 && demand.logs == 100 << 20)
            }
            return HostPlan(try RecordedHosts.facts(RecordedHosts.jammy), HostWish(demand: demand))
        }
        let prod = try plan("prod").items.filter { $0.area == .size }
        #expect(prod.map(\.state) == [.yours, .yours, .yours], "`server` says what there must be")
        let staging = try plan("staging").items.filter { $0.area == .size }
        #expect(staging.map(\.state) == [.advice, .fine, .fine])
        #expect(
            staging[1].found
                == "3.8 GiB of memory for 2.5 GiB of staging, 1 GiB while a release runs beside the one before, 512 MiB of the system"
        )
        #expect(!(try plan("staging").items.contains { $0.area == .kernel }), "no Redis, no setting for it")
    }

    @Test("words survive a shell", arguments: ["", "a b", "it's", "$(id)", "`x`", "a\nb", "*", "é", "-x", "a=b"])
    func quoting(_ word: String) {
        let quoted = ShellWords.quoted(word)
        #expect(
            quoted == word && !word.isEmpty && !word.contains { " '$`*\né()".contains($0) } || quoted.hasPrefix("'"))
        #expect(ShellWords.text(["echo", "it's"]) == #"echo 'it'\''s'"#)
    }

    @Test("ports, addresses, keys and sizes of the command line are read strictly")
    func words() {
        #expect(HostWish.OpenPort("51820/udp") == .init(51_820, .udp) && HostWish.OpenPort("9100") == .init(9100))
        for text in ["", "0", "65536", "80/sctp", "80/", "-1", "80/tcp/x"] {
            #expect(HostWish.OpenPort(text) == nil, "\(text)")
        }
        for text in ["10.0.0.2", "10.0.0.0/24", "fd00::2", "fd00::/64", "2001:db8:0:0:0:0:0:1"] {
            #expect(HostWish.isAddress(text))
        }
        for text in ["", "10.0.0", "10.0.0.256", "10.0.0.0/33", "x", "fd00", "::1;drop", "1:2:3"] {
            #expect(!HostWish.isAddress(text), "\(text)")
        }
        #expect(
            HostWish.isPublicKey("ssh-ed25519 AAAAC3 a@b")
                && !HostWish.isPublicKey("-----BEGIN OPENSSH PRIVATE KEY-----"))
        #expect(
            HostWish.size("2Gi") == ByteCount(bytes: 2 << 30) && HostWish.size("2G") == nil
                && HostWish.size("0Gi") == nil)
    }
}
