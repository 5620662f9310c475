import Glibc

/// The user that a child becomes.
package struct ProcessIdentity: Sendable, Hashable, Codable {
    package var user: UInt32
    package var group: UInt32

    package init(user: UInt32, group: UInt32) {
        self.user = user
        self.group = group
    }

    /// The program and arguments that become the given ones under this identity; unchanged unless root asks.
    ///
    /// setpriv(1) of util-linux becomes the program by exec, so the pid stays. Not by setuid(2) in a child forked by
    /// swift-subprocess: it forks with the raw `clone3`, after which glibc's setuid waits for threads that the child does
    /// not have (seen in a supervisor: the child hung in a futex before its exec).
    /// - Throws: `WorldError` where setpriv is missing.
    func wrapping(_ program: String, _ arguments: [String]) throws -> (String, [String]) {
        guard geteuid() == 0, user != 0 else { return (program, arguments) }
        return (
            try ProgramPath.find("setpriv", path: nil, workingDirectory: "/"),
            ["setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups", program] + arguments.dropFirst()
        )
    }
}
