import Delivery
import Foundation
import Glibc
import Testing
import World

/// A server in namespaces of its own: this machine's own files below a layer that is thrown away, its own network with a cable from here, a
/// real sshd, real nft, useradd and dpkg. What cannot be real without booting a machine stands in: systemd's commands, `apt-get`'s archive,
/// and the engine behind `docker info`.
final class TestHost: Sendable {
    let folder: String
    let address: String
    let session: HostSession
    let destination: SSHDestination
    static let environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]
    private let process: Process
    private let lifeline: Pipe

    private init(
        folder: String, address: String, session: HostSession, destination: SSHDestination, process: Process,
        lifeline: Pipe
    ) {
        self.folder = folder
        self.address = address
        self.session = session
        self.destination = destination
        self.process = process
        self.lifeline = lifeline
    }

    /// Runs work with such a server.
    static func provide(_ work: (TestHost) async throws -> Void) async throws {
        let host = try await start()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await work(host))
        } catch {
            outcome = .failure(error)
        }
        await host.session.close()
        try? host.lifeline.fileHandleForWriting.close()
        host.process.waitUntilExit()
        removeScratch(host.folder)
        try outcome.get()
    }

    private static func start() async throws -> TestHost {
        let folder = try makeScratch()
        let net = (getpid() % 250) + 1
        let address = "10.232.\(net).2"
        let made = try await run(
            "sh", "-c",
            "cd '\(folder)' && mkdir over && ssh-keygen -q -t ed25519 -N '' -f key && ssh-keygen -q -t ed25519 -N '' -f host"
        )
        try #require(made.isSuccess, "\(made.errors)")
        try write(boot, folder + "/boot.sh")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = [
            "--net", "--mount", "--propagation", "private", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc",
            "sh",
            folder + "/boot.sh", folder,
        ]
        let log = folder + "/boot.log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        let output = FileHandle(forWritingAtPath: log)
        let lifeline = Pipe()
        _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.standardInput = lifeline
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let wire = """
            set -e
            ip link add hbh\(net) type veth peer name eth0 netns \(process.processIdentifier)
            ip addr add 10.232.\(net).1/24 dev hbh\(net)
            ip link set hbh\(net) up
            nsenter --net=/proc/\(process.processIdentifier)/ns/net ip addr add \(address)/24 dev eth0
            nsenter --net=/proc/\(process.processIdentifier)/ns/net ip link set eth0 up
            """
        let key = try String(contentsOfFile: folder + "/host.pub", encoding: .utf8)
        try write("[\(address)]:2222 \(key)", folder + "/known")
        let place = try #require(
            SSHDestination(
                "root@\(address):2222", identity: folder + "/key",
                options: ["-F", "none", "-o", "UserKnownHostsFile=\(folder)/known"]))
        var failure = "it never answered"
        // Before it began it was in no network of its own.
        let wired = try await eventually(60) {
            guard FileManager.default.fileExists(atPath: folder + "/began") else { return false }
            return try await run("sh", "-c", wire).isSuccess
        }
        if wired {
            let end = ContinuousClock.now + .seconds(60)
            while ContinuousClock.now < end, process.isRunning {
                do {
                    let session = try await HostSession.ssh(place, environment: environment)
                    return TestHost(
                        folder: folder, address: address, session: session, destination: place, process: process,
                        lifeline: lifeline)
                } catch {
                    failure = "\(error)"
                    try await Task.sleep(for: .milliseconds(50))
                }
            }
        }
        try? lifeline.fileHandleForWriting.close()
        process.waitUntilExit()
        throw WorldError(
            code: "no-host", operation: "start a server", underlying: "\(failure)\n\(SmallFile.tail(log, bytes: 4_000))"
        )
    }

    /// Asks again until it is so; false when it never was.
    static func eventually(_ seconds: Int, _ condition: () async throws -> Bool) async throws -> Bool {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if try await condition() { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }

    @discardableResult
    static func run(_ words: String...) async throws -> CommandResult {
        try await CommandRunner.live(
            Command(arguments: words, environment: environment, workingDirectory: "/", deadline: .seconds(60)))
    }

    /// Runs a script on the server.
    @discardableResult
    func inside(_ script: String) async throws -> String {
        let result = try await session.run(["/bin/sh", "-c", script], [], .seconds(60))
        try #require(result.isSuccess, "\(script): \(result.errors)")
        return result.output
    }

    /// Whether something at a port of the server answers from here.
    func answers(_ port: Int) async throws -> Bool {
        try await Self.run("curl", "-s", "--max-time", "2", "-o", "/dev/null", "http://\(address):\(port)/").isSuccess
    }

    /// The server's first process: it builds the layer, and ends with the tests.
    private static let boot =
        #"""
        set -e
        folder=$1
        key=$(cat "$folder/key.pub")
        touch "$folder/began"
        mount -t tmpfs -o size=40g none "$folder/over"
        mkdir "$folder/over/up" "$folder/over/work" "$folder/over/root"
        root=$folder/over/root
        mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/over/up,workdir=$folder/over/work" "$root"
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs none "$root/run"
        mkdir -p "$root/run/systemd/system" "$root/run/sshd" "$root/root/.ssh" "$root/var/lib/units" "$root/etc/ssh/sshd_config.d"
        hostname shop-server
        # The kernel's setting is not a namespace's: a file stands in for it.
        echo 0 >"$root/run/overcommit"
        mount --bind "$root/run/overcommit" "$root/proc/sys/vm/overcommit_memory"
        echo "$key" >"$root/root/.ssh/authorized_keys"
        chmod 700 "$root/root/.ssh"; chmod 600 "$root/root/.ssh/authorized_keys"
        cp "$folder/host" "$root/etc/ssh/test_host"; chmod 600 "$root/etc/ssh/test_host"
        rm -rf "$root/etc/docker" "$root/etc/hauban" "$root/usr/sbin/policy-rc.d" "$root/etc/apt/apt.conf.d/20auto-upgrades"
        printf '%s\n' 'Include /etc/ssh/sshd_config.d/*.conf' 'Port 2222' 'HostKey /etc/ssh/test_host' 'UsePAM no' \
            'PasswordAuthentication yes' 'PermitRootLogin yes' 'MaxStartups 100' >"$root/etc/ssh/sshd_config"
        # Not installed before: dpkg's own list says so.
        awk -v RS= -v ORS='\n\n' '!/^Package: (docker\.io|nftables|unattended-upgrades|systemd-timesyncd|chrony|apparmor|ufw|firewalld)\n/' \
            /var/lib/dpkg/status >"$root/var/lib/dpkg/status"
        cat >"$root/usr/local/bin/apt-get" <<'EOF'
        #!/bin/sh
        # The archive: what is asked for becomes installed.
        seen=
        for word; do
            case $seen$word in
                install) seen=+ ;;
                +-o | +-y | +-* | +Dpkg*) ;;
                +*)
                    printf 'Package: %s\nStatus: install ok installed\nMaintainer: x <x@x>\nArchitecture: all\nVersion: 1.0\nDescription: x\n\n' \
                        "$word" >>/var/lib/dpkg/status
                    [ "$word" != docker.io ] || { getent group docker >/dev/null || groupadd docker; systemctl restart docker.service; systemctl enable docker.service; }
                    ;;
            esac
        done
        EOF
        cat >"$root/usr/local/bin/systemctl" <<'EOF'
        #!/bin/sh
        verb=$1
        for unit; do :; done
        at=/var/lib/units/$unit
        case $verb in
            is-active) [ -e "$at.active" ] && echo active || { echo inactive; exit 3; } ;;
            is-enabled) [ -e "$at.enabled" ] && echo enabled || { echo disabled; exit 1; } ;;
            enable) touch "$at.enabled" ;;
            start | restart) touch "$at.active"; [ "$unit" != docker.service ] || { cp /etc/docker/daemon.json /run/engine.json; touch /run/docker.pid.new; mv /run/docker.pid.new /run/docker.pid; } ;;
            reload | try-reload-or-restart) [ "$unit" != ssh.service ] || kill -HUP "$(cat /run/sshd.pid)" ;;
        esac
        echo "$*" >>/var/log/systemctl.log
        EOF
        cat >"$root/usr/local/bin/docker" <<'EOF'
        #!/bin/sh
        [ -e /var/lib/units/docker.service.active ] || exit 1
        grep -q '"live-restore": true' /run/engine.json && lives=true || lives=false
        echo "20.10.24+dfsg1 $lives json-file inactive /var/lib/docker"
        EOF
        cat >"$root/usr/local/bin/timedatectl" <<'EOF'
        #!/bin/sh
        echo NTP=yes; echo NTPSynchronized=yes
        EOF
        touch "$root/var/lib/units/apt-daily-upgrade.timer.active" "$root/var/lib/units/apt-daily-upgrade.timer.enabled"
        chmod 755 "$root"/usr/local/bin/*
        ip link set lo up
        # A container as Docker connects one: a bridge's cable, and two of the server's ports that lead to it.
        unshare --net sh -c 'while ! ip link set eth0 up 2>/dev/null; do sleep 0.02; done; ip link set lo up
            ip addr add 172.31.9.2/24 dev eth0; ip route add 10.232.0.0/16 via 172.31.9.1
            cd /var/empty 2>/dev/null || cd /usr/share/empty 2>/dev/null || cd /run; exec python3 -m http.server 8080' >/dev/null 2>&1 &
        until [ "$(readlink /proc/$!/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.02; done
        ip link add br-0123456789ab type veth peer name eth0 netns $!
        ip addr add 172.31.9.1/24 dev br-0123456789ab
        ip link set br-0123456789ab up
        echo 1 >/proc/sys/net/ipv4/ip_forward
        for port in 80 8081; do
            iptables -t nat -A PREROUTING -p tcp -m addrtype --dst-type LOCAL --dport $port -j DNAT --to-destination 172.31.9.2:8080
        done
        (cd /run && exec python3 -m http.server 7777) >/dev/null 2>&1 &
        chroot "$root" usermod -p '*' root
        chroot "$root" /usr/sbin/sshd -D -e &
        cat >/dev/null
        """#
}
