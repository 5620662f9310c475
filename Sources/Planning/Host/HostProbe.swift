/// The one script that looks at a server, and changes nothing there: it prints parts, each behind a line with a mark that what is
/// printed cannot know.
package enum HostProbe {
    /// The words that run it: `sh -c SCRIPT sh MARK ACCOUNT`.
    package static func words(mark: String, account: String) -> [String] {
        ["/bin/sh", "-c", script, "sh", mark, account]
    }

    /// Each part has its own end (`timeout`), so that one question without an answer does not hide the others.
    static let script = #"""
        export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
        exec 2>/dev/null </dev/null
        mark=$1 account=$2
        part() { printf '\n%s %s\n' "$mark" "$1"; }
        file() { [ ! -f "$2" ] || { part "$1"; head -c 65536 "$2"; }; }
        part os; cat /etc/os-release
        part kernel; uname -srm
        part systemd; [ ! -d /run/systemd/system ] || echo running
        part processors; nproc
        part memory; grep -E '^(MemTotal|SwapTotal):' /proc/meminfo
        root=/var/lib/docker
        while [ ! -d "$root" ]; do root=$(dirname "$root"); done
        for path in / "$root"; do
            part "disk $path"; df -PB1 "$path" | tail -n 1; df -Pi "$path" | tail -n 1
        done
        part packages
        dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' docker.io docker-cli docker-ce docker-ce-cli nftables ufw \
            firewalld chrony systemd-timesyncd ntp ntpsec openntpd unattended-upgrades apparmor ca-certificates openssh-server
        part unfinished
        dpkg-query -W -f '${db:Status-Status} ${Package}\n' | grep -E '^(unpacked|half-configured|triggers-)' | head -n 4
        part engine
        timeout 15 docker info --format \
            '{{.ServerVersion}} {{.LiveRestoreEnabled}} {{.LoggingDriver}} {{.Swarm.LocalNodeState}} {{.DockerRootDir}}'
        part engine-program; readlink -f "$(command -v docker)"
        part engine-words
        [ ! -r /run/docker.pid ] || tr '\0' '\n' <"/proc/$(cat /run/docker.pid)/cmdline"
        part engine-since
        [ ! -r /run/docker.pid ] || [ ! /etc/docker/daemon.json -nt /run/docker.pid ] || echo before
        part units
        for unit in docker.service nftables.service firewalld.service chrony.service systemd-timesyncd.service ntp.service \
            ntpsec.service openntpd.service hauban-firewall.service apt-daily-upgrade.timer; do
            echo "$unit $(timeout 10 systemctl is-active "$unit" | head -n 1) $(timeout 10 systemctl is-enabled "$unit" | head -n 1)"
        done
        part listeners; ss -tulnpH
        part sessions; ss -tnpH state established | grep sshd
        part sshd
        timeout 10 sshd -T | grep -E '^(port|passwordauthentication|kbdinteractiveauthentication|permitrootlogin|usepam) '
        part sshd-since
        [ ! -r /run/sshd.pid ] || [ ! /etc/ssh/sshd_config.d/10-hauban.conf -nt /run/sshd.pid ] || echo before
        part ufw; timeout 20 ufw status verbose
        part table; nft list table inet hauban
        part filters
        nft list chains | awk '/^table/ {table = $2 " " $3} /hook input/ && /policy drop/ {print table}'
        file firewall /etc/hauban/firewall.nft
        file firewall-unit /etc/systemd/system/hauban-firewall.service
        file daemon /etc/docker/daemon.json
        file sysctl-file /etc/sysctl.d/60-hauban.conf
        file upgrades-file /etc/apt/apt.conf.d/52hauban-upgrades
        file sshd-file /etc/ssh/sshd_config.d/10-hauban.conf
        file fstab /etc/fstab
        part account; getent passwd "$account"
        part groups; id -Gn "$account"
        home=$(getent passwd "$account" | cut -d: -f6)
        [ -z "$home" ] || file keys "$home/.ssh/authorized_keys"
        file root-keys /root/.ssh/authorized_keys
        part time; timeout 10 timedatectl show -p NTP -p NTPSynchronized
        part periodic; apt-config dump | grep '^APT::Periodic::'
        part sysctl; sysctl vm.overcommit_memory
        part swaps; tail -n +2 /proc/swaps
        part swapfile; [ ! -e /swapfile ] || blkid -p -s TYPE -o value /swapfile || echo unknown
        part restart; [ ! -e /run/reboot-required ] || echo wanted
        part end
        """#

    /// What was printed, by part; the last one of a name wins.
    ///
    /// - Returns: nil when it broke off before its end.
    package static func parts(of output: String, mark: String) -> [String: String]? {
        var parts: [String: String] = [:]
        var name: String?
        var lines: [Substring] = []
        func close() {
            guard let name else { return }
            // The line end before the next mark is the script's own.
            if lines.last == "" { lines.removeLast() }
            parts[name] = lines.joined(separator: "\n")
        }
        for line in output.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix(mark + " ") {
                close()
                name = String(line.dropFirst(mark.count + 1))
                lines = []
            } else {
                lines.append(line)
            }
        }
        close()
        return parts["end"] == nil ? nil : parts
    }
}
