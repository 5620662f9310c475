import Glibc
import Synchronization
import World

/// A socket of this machine whose every connection is a `docker system dial-stdio` on another one.
///
/// `ssh` gets the accepted socket itself as its input and output, so nothing is copied here, and the end of either side is the
/// end of the other. Host keys, keys and jumps are ssh's own configuration; it asks nobody anything (BatchMode).
final class SSHTunnel: Sendable {
    let socket: String
    private let folder: String
    private let loop: Mutex<Task<Void, Never>?> = Mutex(nil)

    /// - Throws: `WorldError` when there is no folder to listen in.
    init(_ place: DockerEndpoint.SSHPlace, environment: [String: String]) throws {
        folder = try Folder.temporary(named: "hauban-ssh")
        socket = folder + "/docker.sock"
        let listener = try UnixListener.bind(path: socket)
        let errors = folder + "/errors"
        var words = ["ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20"]
        if let port = place.port { words += ["-p", "\(port)"] }
        if let user = place.user { words += ["-l", user] }
        words += ["--", place.host, "docker", "system", "dial-stdio"]
        let child = ChildProcess(
            // The first descriptor that is handed over is number 3.
            command: ["sh", "-c", "exec \"$@\" <&3 >&3 3<&-", "sh"] + words, environment: environment,
            workingDirectory: "/", standardOutput: "/dev/null", standardError: errors)
        loop.withLock { $0 = Task { await Self.serve(listener, child) } }
    }

    private static func serve(_ listener: UnixListener, _ child: ChildProcess) async {
        var running: [ProcessRecord] = []
        while let connection = await listener.accept() {
            running.removeAll { waitpid($0.pid, nil, WNOHANG) != 0 }
            var child = child
            let copy = dup(connection.descriptor)
            guard copy >= 0 else { continue }
            // ssh waits for what it reads; ours never does.
            _ = fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) & ~O_NONBLOCK)
            child.descriptors = [Descriptor(adopting: copy)]
            if let record = try? child.launch() { running.append(record) }
        }
        for record in running where waitpid(record.pid, nil, WNOHANG) == 0 {
            kill(record.pid, SIGTERM)
            _ = waitpid(record.pid, nil, 0)
        }
        listener.removeFile()
    }

    /// The end of what ssh complained about.
    var complaint: String? {
        let text = SmallFile.tail(folder + "/errors", bytes: 2_000)
        let last = text.split(whereSeparator: \.isNewline).last.map(String.init)
        return last.map { Printable.text($0) }
    }

    /// Ends what runs.
    func close() {
        loop.withLock { $0?.cancel() }
        unlink(folder + "/errors")
        unlink(socket)
        rmdir(folder)
    }
}
