import CLinux
import Glibc

/// A child that may outlive its parent.
///
/// posix_spawn with our own settings instead of swift-subprocess: a Subprocess run is a scope that ends its child and owns
/// its pipes, and a service must survive the SIGKILL of its supervisor. So the child gets its own session, its outputs go to files
/// (a pipe would break with its reader), and it holds no descriptor of ours that it is not given: one would keep our lock and our
/// sockets.
package struct ChildProcess: Sendable {
    package var command: [String]
    package var environment: [String: String]
    package var workingDirectory: String
    package var standardOutput: String
    package var standardError: String
    package var identity: ProcessIdentity?
    /// What it gets as descriptors 3, 4 and so on; they stay open here.
    package var descriptors: [Descriptor]

    package init(
        command: [String], environment: [String: String], workingDirectory: String, standardOutput: String,
        standardError: String, identity: ProcessIdentity? = nil, descriptors: [Descriptor] = []
    ) {
        self.command = command
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.standardOutput = standardOutput
        self.standardError = standardError
        self.identity = identity
        self.descriptors = descriptors
    }

    /// Starts it; the caller reaps it with ``ProcessExit``.
    ///
    /// - Throws: `WorldError`
    package func launch() throws -> ProcessRecord {
        precondition(!command.isEmpty, "a workload without a command")
        let path = environment["PATH"]
        var isFolder = stat()
        guard stat(workingDirectory, &isFolder) == 0, isFolder.st_mode & S_IFMT == S_IFDIR else {
            throw WorldError(
                code: "folder-missing", operation: "start \(command[0])",
                underlying: "its working directory \(workingDirectory) does not exist", hint: "Check `source:`.")
        }
        var arguments = command
        var program = try ProgramPath.find(command[0], path: path, workingDirectory: workingDirectory)
        if let identity { (program, arguments) = try identity.wrapping(program, arguments) }
        var pid: pid_t = 0
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let numbers = descriptors.map(\.number)
        let number = Self.withPointers(arguments) { argumentPointers in
            Self.withPointers(variables) { variablePointers in
                program.withCString { program in
                    workingDirectory.withCString { folder in
                        standardOutput.withCString { output in
                            standardError.withCString { error in
                                numbers.withUnsafeBufferPointer { numbers in
                                    var request = clinux_spawn_request(
                                        program: program, arguments: argumentPointers, environment: variablePointers,
                                        working_directory: folder, standard_output: output, standard_error: error,
                                        descriptors: numbers.baseAddress, descriptor_count: Int32(numbers.count))
                                    return clinux_spawn(&request, &pid)
                                }
                            }
                        }
                    }
                }
            }
        }
        guard number == 0 else {
            let hint = number == ENOEXEC ? "The file has no `#!` line and is no program of this machine." : ""
            throw SystemError(number).during("start \(command[0])", hint: hint)
        }
        // Never nil for a child that has not been reaped: even an ended one stays in /proc until then.
        return ProcessRecord(running: pid) ?? ProcessRecord(pid: pid, startTime: 0, boot: .current)
    }

    private static func withPointers<Answer>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Answer
    ) -> Answer {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { preconditionFailure("an array that ends with nil is not empty") }
            return body(base)
        }
    }
}
