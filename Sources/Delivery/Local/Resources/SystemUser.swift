import Glibc
import World

/// Becoming a server's own user when root starts it: PostgreSQL refuses to run as root.
enum SystemUser {
    /// - Returns: `nil` when we are not root, so that the server runs as we do.
    static func identity(named name: String, package: String) throws -> ProcessIdentity? {
        guard geteuid() == 0 else { return nil }
        guard let entry = getpwnam(name) else {
            throw WorldError(
                code: "user-missing", operation: "become the user \(name)", underlying: "this machine has no such user",
                hint: "Run `apt-get install \(package)`, or run hauban as another user than root.")
        }
        return ProcessIdentity(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
    }

    /// Lets a user pass through every folder above a path.
    ///
    /// Folders from `root` down are ours: they become passable (x), never readable. Those above it are the machine's: one that
    /// stops the user is an error.
    static func openWay(to path: String, from root: String, for identity: ProcessIdentity) throws {
        var prefix = ""
        for part in path.split(separator: "/").dropLast() {
            prefix += "/" + part
            var information = stat()
            guard stat(prefix, &information) == 0 else { continue }
            let bit: mode_t =
                information.st_uid == identity.user ? 0o100 : information.st_gid == identity.group ? 0o010 : 0o001
            if information.st_mode & bit != 0 { continue }
            let isOurs = prefix == root || prefix.hasPrefix(root + "/")
            guard isOurs, chmod(prefix, (information.st_mode & 0o7777) | bit) == 0 else {
                let name = getpwuid(identity.user).map { String(cString: $0.pointee.pw_name) } ?? "\(identity.user)"
                throw WorldError(
                    code: "folder-closed", operation: "give the user \(name) its folder \(path)",
                    underlying: "it cannot pass through \(prefix)",
                    hint: "Run `chmod o+x \(prefix)`, or keep the state elsewhere, in /var/lib/hauban for instance.")
            }
        }
    }

    /// Makes a folder that belongs to the user alone.
    static func makeFolder(_ path: String, for identity: ProcessIdentity?) throws {
        try Folder.make(path, mode: 0o700)
        if let identity, chown(path, identity.user, identity.group) != 0 {
            throw SystemError.last.during("give \(path) to the user \(identity.user)")
        }
        guard chmod(path, 0o700) == 0 else { throw SystemError.last.during("close \(path)") }
    }

    static func give(_ path: String, to identity: ProcessIdentity?) throws {
        guard let identity else { return }
        guard chown(path, identity.user, identity.group) == 0 else {
            throw SystemError.last.during("give \(path) to the user \(identity.user)")
        }
    }
}
