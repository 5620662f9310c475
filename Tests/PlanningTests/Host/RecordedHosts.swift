import Planning
import Testing

/// What the probe prints of servers, as their tools print it.
enum RecordedHosts {
    static let mark = "@@1f"

    static func facts(_ parts: [(String, String)]) throws -> HostFacts {
        let text = (parts + [("end", "")]).map { "\n\(mark) \($0.0)\n\($0.1)\n" }.joined()
        return try #require(HostFacts(probe: text, mark: mark))
    }

    /// Ubuntu 22.04 as a cloud hands it over: ufw there and inactive, timesyncd, passwords allowed by cloud-init.
    static let jammy: [(String, String)] = [
        (
            "os",
            """
            PRETTY_NAME="Ubuntu 22.04.5 LTS"
            NAME="Ubuntu"
            VERSION_ID="22.04"
            VERSION="22.04.5 LTS (Jammy Jellyfish)"
            VERSION_CODENAME=jammy
            ID=ubuntu
            ID_LIKE=debian
            """
        ), ("kernel", "Linux 5.15.0-164-generic x86_64"), ("systemd", "running"), ("processors", "2"),
        ("memory", "MemTotal:        4015332 kB\nSwapTotal:             0 kB"),
        (
            "disk /",
            """
            /dev/vda1      83079221248 2683305984 80379138048       4% /
            /dev/vda1      10322432  80345 10242087    1% /
            """
        ),
        (
            "disk /var/lib",
            """
            /dev/vda1      83079221248 2683305984 80379138048       4% /
            /dev/vda1      10322432  80345 10242087    1% /
            """
        ),
        (
            "packages",
            """
            installed apparmor 3.0.4-2ubuntu2.4
            installed ca-certificates 20240203~22.04.1
            installed nftables 1.0.2-1ubuntu3
            installed openssh-server 1:8.9p1-3ubuntu0.13
            installed systemd-timesyncd 249.11-0ubuntu3.16
            installed ufw 0.36.1-4ubuntu0.1
            installed unattended-upgrades 2.8ubuntu1
            """
        ), ("unfinished", ""), ("engine", ""), ("engine-program", ""), ("engine-words", ""), ("engine-since", ""),
        (
            "units",
            """
            docker.service inactive
            nftables.service inactive disabled
            systemd-timesyncd.service active enabled
            hauban-firewall.service inactive
            apt-daily-upgrade.timer active enabled
            """
        ),
        (
            "listeners",
            """
            udp UNCONN 0      0      127.0.0.53%lo:53        0.0.0.0:*    users:(("systemd-resolve",pid=620,fd=13))
            udp UNCONN 0      0  10.0.0.5%eth0:68        0.0.0.0:*    users:(("systemd-network",pid=618,fd=15))
            tcp LISTEN 0      128          0.0.0.0:22        0.0.0.0:*    users:(("sshd",pid=801,fd=3))
            tcp LISTEN 0      4096   127.0.0.53%lo:53        0.0.0.0:*    users:(("systemd-resolve",pid=620,fd=14))
            tcp LISTEN 0      4096               *:9100            *:*    users:(("prometheus-node",pid=990,fd=3))
            tcp LISTEN 0      128             [::]:22           [::]:*    users:(("sshd",pid=801,fd=4))
            """
        ),
        ("sessions", #"0      52     10.0.0.5:22      198.51.100.7:50814 users:(("sshd",pid=1202,fd=4))"#),
        (
            "sshd",
            """
            port 22
            permitrootlogin without-password
            passwordauthentication yes
            kbdinteractiveauthentication no
            usepam yes
            """
        ), ("ufw", "Status: inactive"), ("table", ""), ("fstab", "LABEL=cloudimg-rootfs / ext4 discard 0 1"),
        ("account", ""), ("groups", ""), ("root-keys", "ssh-ed25519 AAAAC3NzaC1lZDI1 ana"),
        ("time", "NTP=yes\nNTPSynchronized=yes"),
        ("periodic", "APT::Periodic::Update-Package-Lists \"1\";\nAPT::Periodic::Unattended-Upgrade \"1\";"),
        ("sysctl", "vm.overcommit_memory = 0"), ("swaps", ""), ("swapfile", ""), ("restart", ""),
    ]

    /// Ubuntu 24.04 in use: Docker's own packages, ufw active, ssh by a socket unit at two ports, chrony.
    static let noble: [(String, String)] = replacing(
        jammy,
        [
            (
                "os",
                """
                PRETTY_NAME="Ubuntu 24.04.3 LTS"
                VERSION_ID="24.04"
                VERSION_CODENAME=noble
                ID=ubuntu
                """
            ), ("kernel", "Linux 6.8.0-87-generic x86_64"),
            (
                "packages",
                """
                installed apparmor 4.0.1really4.0.1-0ubuntu0.24.04.4
                installed ca-certificates 20240203
                installed chrony 4.5-1ubuntu4.2
                installed docker-ce 5:28.5.1-1~ubuntu.24.04~noble
                installed docker-ce-cli 5:28.5.1-1~ubuntu.24.04~noble
                installed nftables 1.0.9-1build1
                installed openssh-server 1:9.6p1-3ubuntu13.14
                config-files systemd-timesyncd 255.4-1ubuntu8
                installed ufw 0.36.2-6
                installed unattended-upgrades 2.9.1+nmu4ubuntu1
                """
            ), ("engine", "28.5.1 false json-file inactive /var/lib/docker"), ("engine-program", "/usr/bin/docker"),
            (
                "engine-words",
                """
                /usr/bin/dockerd
                -H
                fd://
                --containerd=/run/containerd/containerd.sock
                """
            ),
            (
                "daemon",
                """
                {
                  "log-driver": "json-file",
                  "log-opts": {"max-size": "100m", "labels": "team"},
                  "default-address-pools": [{"base": "10.200.0.0/16", "size": 24}]
                }
                """
            ),
            (
                "units",
                """
                docker.service active enabled
                chrony.service active enabled
                hauban-firewall.service inactive
                apt-daily-upgrade.timer active enabled
                """
            ),
            (
                "listeners",
                """
                tcp LISTEN 0      4096         0.0.0.0:2222      0.0.0.0:*    users:(("systemd",pid=1,fd=92))
                tcp LISTEN 0      4096         0.0.0.0:8080      0.0.0.0:*    users:(("docker-proxy",pid=3011,fd=8))
                """
            ), ("sessions", #"0      0  10.0.0.6:2222      198.51.100.7:51022 users:(("sshd",pid=2202,fd=4))"#),
            ("sshd", "port 2222\npermitrootlogin no\npasswordauthentication no\nkbdinteractiveauthentication no"),
            (
                "ufw",
                """
                Status: active
                Logging: on (low)
                Default: deny (incoming), allow (outgoing), deny (routed)
                New profiles: skip

                To                         Action      From
                --                         ------      ----
                2222/tcp                   LIMIT IN    Anywhere
                443/tcp                    ALLOW IN    Anywhere
                443/tcp (v6)               ALLOW IN    Anywhere (v6)
                """
            ), ("account", "deploy:x:1001:1001::/home/deploy:/bin/bash"), ("groups", "deploy docker"),
            ("keys", "ssh-ed25519 AAAAC3NzaC1lZDI1 ana"), ("swaps", "/swap.img file 2097148 0 -2"),
            ("memory", "MemTotal:        8131332 kB\nSwapTotal:       2097148 kB"),
            ("sysctl", "vm.overcommit_memory = 1"),
        ])

    static func replacing(_ parts: [(String, String)], _ others: [(String, String)]) -> [(String, String)] {
        parts.filter { part in !others.contains { $0.0 == part.0 } } + others
    }
}
