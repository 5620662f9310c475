import Planning
import Spec
import World

/// Redis in a container: its list of users, of hashes alone, lies with its data.
struct DockerRedis: DockerStore {
    let frame: StoreFrame

    private static let port = 6379
    var port: Int { Self.port }
    private static let administrator = "hauban"

    let mount = "/data"

    /// Who gives no password may only ask for a sign of life, as its own check does.
    ///
    /// Redis keeps no note of its version that could be read from outside, so one is kept beside the data.
    var preparation: String {
        get throws {
            let password = try frame.passwords.store.valueOrGenerated(for: frame.passwords.key(Self.administrator))
            let rules = RedisGrants.administrator(password: password.exposed).joined(separator: " ")
            return """
                umask 077
                cd \(mount)
                {
                    if [ -s users.acl ]; then
                        grep -v '^user \(Self.administrator) ' users.acl || true
                    else
                        echo 'user default on nopass resetkeys resetchannels -@all +ping'
                    fi
                    echo 'user \(Self.administrator) \(rules)'
                } >users.new
                mv users.new users.acl
                if [ ! -s hauban.major ]; then
                    echo \(frame.major ?? 7) >hauban.new
                    mv hauban.new hauban.major
                fi
                echo "major $(cat hauban.major)"

                """
        }
    }

    func arrange(_ spec: inout ContainerSpec) {
        spec.user = "redis"
        spec.entrypoint = ["redis-server"]
        // Redis guards a server without passwords by answering its own machine alone; here the list of users guards it.
        spec.command =
            ["--dir", mount, "--aclfile", "\(mount)/users.acl", "--protected-mode", "no"] + frame.store.arguments
        spec.mounts.append(.init(.memory(bytes: 16 << 20, mode: 0o1777), at: "/tmp", isReadOnly: false))
        spec.stopGrace = .seconds(30)
    }

    func role(of service: ServiceName) -> String { RedisGrants.user(service) }

    func provision(_ uses: [ResourceUse]) async throws {
        let existing = try await users()
        for use in uses.sorted(by: { $0.service < $1.service }) {
            let user = role(of: use.service)
            let own = existing.first { $0.hasPrefix("user \(user) ") }
            let password = try frame.passwords.make(for: user, isThere: own != nil)
            // A service that wrote keeps that until the release is kept: an older one may still serve.
            let access: DataAccess = own.map(RedisGrants.writes) == true ? .write : use.access
            let rules = RedisGrants.rules(access, password: password.exposed)
            try await command(
                ["ACL", "SETUSER", user] + rules, operation: "give \(use.service) its access to \(frame.name)")
        }
        if !uses.isEmpty { try await command(["ACL", "SAVE"], operation: "save the users of \(frame.name)") }
    }

    func settle(_ uses: [ResourceUse]) async throws {
        let wanted = Dictionary(uses.map { (role(of: $0.service), $0) }) { $1 }
        for line in try await users() {
            let words = line.split(separator: " ").map(String.init)
            guard words.count > 1, words[1].hasPrefix(RedisGrants.userPrefix) else { continue }
            if let use = wanted[words[1]] {
                let password = try frame.passwords.value(for: words[1])
                let rules = RedisGrants.rules(use.access, password: password.exposed)
                try await command(
                    ["ACL", "SETUSER", words[1]] + rules, operation: "settle \(words[1]) at \(frame.name)")
            } else {
                try await command(["ACL", "DELUSER", words[1]], operation: "remove \(words[1]) from \(frame.name)")
            }
        }
        try await command(["ACL", "SAVE"], operation: "save the users of \(frame.name)")
    }

    func check(for service: ServiceName) async throws {
        try await command(
            ["PING"], as: role(of: service), code: "resource-refuses",
            operation: "connect to \(frame.name) as \(service)")
    }

    func attributes(for service: ServiceName) -> [String: ContainerValue] {
        let user = role(of: service)
        let file = StoreFrame.file(frame.name)
        let end: ContainerValue.Part = .text("@\(frame.name):\(Self.port)/0")
        return [
            "url": ContainerValue(parts: [.text("redis://\(user):"), .file(file), end]),
            "host": ContainerValue(frame.name.text), "port": ContainerValue("\(Self.port)"),
            "user": ContainerValue(user), "password": ContainerValue(parts: [.file(file)]),
        ]
    }

    private func users() async throws -> [String] {
        try await command(["ACL", "LIST"], operation: "list the users of \(frame.name)")
            .split(whereSeparator: \.isNewline).map(String.init)
    }

    /// Runs one command; the password goes by the environment, and rules hold its hash alone.
    @discardableResult
    private func command(
        _ words: [String], as user: String = administrator, code: String = "redis-failed", operation: String
    ) async throws -> String {
        let password = try frame.passwords.value(for: user)
        return try await frame.run(
            // -e: an answer such as NOAUTH or LOADING counts as a failure.
            ["redis-cli", "-e", "-h", "127.0.0.1", "--no-auth-warning", "--user", user] + words,
            environment: ["REDISCLI_AUTH": password.exposed], code: code, operation: operation, within: .seconds(20))
    }
}
