import Delivery
import Foundation
import Glibc
import Planning
import Spec
import Testing
import World

@Suite(
    "Preparing a server", .enabled(if: getuid() == 0, "a server of one's own needs root, as CI has it"), .serialized,
    .timeLimit(.minutes(5)))
struct HostPreparerTests {
    private func wish(_ host: TestHost) throws -> HostWish {
        let key = try String(contentsOfFile: host.folder + "/key.pub", encoding: .utf8)
        return HostWish(
            keys: [key.trimmingCharacters(in: .newlines)], hardens: true, sessionPort: host.session.login.port,
            loginHasKey: host.session.login.hasKey)
    }

    @Test("runs that are broken off after a few steps each end in the same state, and then nothing is left to do")
    func prepare() async throws {
        try await TestHost.provide { host in
            #expect(host.session.login.port == 2222 && host.session.login.hasKey)
            let wish = try wish(host)
            let preparer = HostPreparer(host.session, account: wish.account)
            for port in [80, 8081, 7777] {
                #expect(try await TestHost.eventually(60) { try await host.answers(port) }, "before, \(port) answers")
            }
            let before = try await hauban(host, "--check", "--json")
            #expect(before.status == .exited(code: 2))
            let report = try #require(JSONTree(parsing: Array(before.output.utf8)))
            #expect(
                report["ready"] == .bool(false) && report["done"]?.items == []
                    && report["items"]?.items.isEmpty == false)
            let facts = try await preparer.look()
            var plan = HostPlan(facts, wish)
            let first = plan.steps.map(\.step.text)
            #expect(
                first.contains {
                    $0.hasPrefix("env DEBIAN_FRONTEND=noninteractive apt-get") && $0.hasSuffix("unattended-upgrades")
                })
            #expect(plan.items.first { $0.area == .firewall }?.why.contains("7777/tcp") == true)
            // Whoever acts is gone after one step, the next one after two more, and so on; each begins by looking.
            var taken: [String] = []
            for count in 1... where !plan.steps.isEmpty {
                for (_, step) in plan.steps.prefix(count) {
                    try await preparer.take(step)
                    taken.append(step.text)
                }
                try #require(count < 10, "it comes to an end: \(taken)")
                plan = HostPlan(try await preparer.look(), wish)
                if plan.steps.isEmpty { break }
            }
            #expect(
                try await host.inside("find /etc /root /home -path /root/.cache -prune -o -name '*.hauban-new' -print")
                    == "")
            #expect(Set(first).isSubset(of: taken), "nothing is forgotten: \(Set(first).subtracting(taken))")
            let left = plan.items.filter { $0.state == .yours || $0.state == .change }
            #expect(left.allSatisfy { $0.area == .size }, "\(left)")
            try await judge(host)
            let after = try await hauban(host, "--yes")
            #expect(after.status == .exited(code: 0) && after.output.hasSuffix("is ready.\n"), "\(after)")
            #expect(!after.output.contains("→"), "a further run has nothing to do: \(after.output)")
        }
    }

    /// The program itself, with an `ssh` that knows the server's key.
    private func hauban(_ host: TestHost, _ words: String...) async throws -> CommandResult {
        let package = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let options = host.destination.options.joined(separator: " ")
        try write("#!/bin/sh\nexec /usr/bin/ssh \(options) \"$@\"\n", host.folder + "/bin/ssh")
        chmod(host.folder + "/bin/ssh", 0o755)
        var environment = TestHost.environment
        environment["PATH"] = host.folder + "/bin:" + (environment["PATH"] ?? "")
        environment["HOME"] = host.folder
        return try await CommandRunner.live(
            Command(
                arguments: [
                    "/\(package)/.build/debug/hauban", "host", "prepare", host.destination.text, "--identity",
                    host.folder + "/key", "--key", host.folder + "/key.pub", "--harden",
                ] + words, environment: environment, workingDirectory: host.folder, deadline: .seconds(120)))
    }

    /// What the server's own programs say of it afterwards.
    private func judge(_ host: TestHost) async throws {
        #expect(try await host.inside("id -Gn deploy").contains("docker"))
        #expect(try await host.inside("getent shadow deploy | cut -d: -f2") == "*\n", "no password")
        #expect(try await host.inside("stat -c '%a %U' /home/deploy/.ssh/authorized_keys") == "600 deploy\n")
        #expect(try await host.inside("sshd -T | grep -c '^passwordauthentication no'") == "1\n")
        #expect(try await host.inside("cat /proc/sys/vm/overcommit_memory") == "1\n")
        #expect(try await host.inside("apt-config dump APT::Periodic::Unattended-Upgrade").contains("\"1\""))
        let settings = try await host.inside("cat /etc/docker/daemon.json")
        #expect(JSONTree(parsing: Array(settings.utf8))?["live-restore"] == .bool(true))
        #expect(try await host.inside("cat /run/engine.json") == settings, "the engine read them")
        #expect(try await host.answers(80), "a published port that is for the world")
        #expect(!(try await host.answers(8081)), "one that is not, and that no rule of input meets")
        #expect(!(try await host.answers(7777)), "a port that nobody named")
        var place = host.destination
        place.user = "deploy"
        let login = try await CommandRunner.live(
            Command(
                arguments: ["ssh"] + place.options + [
                    "-o", "BatchMode=yes", "-i", host.folder + "/key", "-p", "2222", "deploy@\(host.address)", "id -un",
                ], environment: TestHost.environment, workingDirectory: "/", deadline: .seconds(60)))
        #expect(login.output == "deploy\n", "\(login.errors)")
    }

    @Test("rules that let no new session in are taken back by the server, and files arrive whole or not at all")
    func lockOut() async throws {
        try await TestHost.provide { host in
            let preparer = HostPreparer(host.session, account: "deploy", patience: .seconds(2))
            let closing =
                "nft add table inet closed; nft add chain inet closed input '{ type filter hook input priority 0; }'; "
                + "nft add rule inet closed input ct state new iif != lo drop"
            let error = try await #require(throws: WorldError.self) {
                try await preparer.take(.guarded(apply: closing, undo: "nft delete table inet closed"))
            }
            #expect(error.code == "host-locks-out")
            #expect(
                try await TestHost.eventually(60) {
                    (try? await host.session.runAnew(["true"], .seconds(5)))?.isSuccess == true
                }, "the server undid it by itself")
            // What is kept is not undone.
            try await preparer.take(.guarded(apply: "touch /run/applied", undo: "rm /run/applied"))
            #expect(
                try await TestHost.eventually(60) {
                    try await host.inside("ls /run | grep -c hauban-kept || true") == "0\n"
                })
            #expect(try await host.inside("ls /run/applied") == "/run/applied\n")

            let odd = "a 'b' \"c\" $(id)\n\\n é\n"
            let file = HostFile("/etc/hauban/odd name's", odd, mode: "0640", before: nil)
            try await preparer.take(.write(file))
            #expect(
                try await host.inside("cat \"/etc/hauban/odd name's\"; stat -c %a /etc/hauban/odd*") == odd + "640\n")
            let failed = try await #require(throws: WorldError.self) {
                try await preparer.take(.run(["sh", "-c", "echo no room >&2; exit 3"], within: .seconds(20)))
            }
            #expect(failed.code == "host-step-failed" && failed.underlying == "no room")
            let late = try await #require(throws: WorldError.self) {
                try await preparer.take(.run(["sleep", "60"], within: .seconds(1)))
            }
            #expect(late.underlying.contains("did not end within"))
        }
    }

    @Test("a server that is not known, or answers nobody, is refused with what mends it")
    func unknown() async throws {
        let nobody = try #require(SSHDestination("root@127.0.0.1:1", options: ["-F", "none"]))
        let error = try await #require(throws: WorldError.self) {
            _ = try await HostSession.ssh(nobody, environment: TestHost.environment)
        }
        #expect(error.code == "host-unreachable" && error.underlying.contains("refused"))
        for text in ["-oProxyCommand=x", "a@-x", "", "a b", "h:0", "h:x", "$(id)", "a;b"] {
            #expect(SSHDestination(text) == nil, "\(text)")
        }
        #expect(
            SSHDestination("ana@[2001:db8::1]:2200").map { [$0.user ?? "", $0.host, "\($0.port ?? 0)"] } == [
                "ana", "2001:db8::1", "2200",
            ])
    }
}
