/// What was found on a machine; each part is a value, so that the rules over it need no machine.
package struct MachineFacts: Sendable, Hashable {
    /// A folder that must be writable, with the room on its disk.
    package struct Place: Sendable, Hashable {
        package var path: String
        /// Why it cannot be used; `nil` when it can.
        package var problem: String?
        package var freeBytes: Int?

        package init(path: String, problem: String? = nil, freeBytes: Int? = nil) {
            self.path = path
            self.problem = problem
            self.freeBytes = freeBytes
        }
    }

    /// Programs on PATH with what they say of their version; empty text when they did not say in time.
    package var programs: [String: String]
    /// `python3` can make a virtual environment with pip in it.
    package var canMakeVirtualEnvironments: Bool
    /// Major versions of PostgreSQL whose server programs are here.
    package var postgresMajors: Set<Int>
    package var isRoot: Bool
    /// Names of system users that were asked for and exist.
    package var users: Set<String>
    /// Version of the Docker Engine that answers; `nil` when none does.
    package var dockerEngine: String?
    /// Why no engine answers.
    package var dockerProblem: String
    /// The engine is part of a Swarm.
    package var isInSwarm: Bool
    /// `major.minor` of the kernel.
    package var kernel: [Int]
    package var hasPidfd: Bool
    package var hasProc: Bool
    /// Soft and hard limit of open files.
    package var openFiles: [Int]
    package var publicPort: Int
    package var isPublicPortFree: Bool
    package var state: Place
    package var runtime: Place
    /// Seconds since 1970 by the machine's clock.
    package var clock: Int

    package init(
        programs: [String: String] = [:], canMakeVirtualEnvironments: Bool = false, postgresMajors: Set<Int> = [],
        isRoot: Bool = false, users: Set<String> = [], dockerEngine: String? = nil, dockerProblem: String = "",
        isInSwarm: Bool = false, kernel: [Int] = [6, 1], hasPidfd: Bool = true, hasProc: Bool = true,
        openFiles: [Int] = [1024, 1_048_576], publicPort: Int = 8080, isPublicPortFree: Bool = true,
        state: Place = Place(path: "/var/lib/hauban"), runtime: Place = Place(path: "/tmp"), clock: Int = 1_800_000_000
    ) {
        self.programs = programs
        self.canMakeVirtualEnvironments = canMakeVirtualEnvironments
        self.postgresMajors = postgresMajors
        self.isRoot = isRoot
        self.users = users
        self.dockerEngine = dockerEngine
        self.dockerProblem = dockerProblem
        self.isInSwarm = isInSwarm
        self.kernel = kernel
        self.hasPidfd = hasPidfd
        self.hasProc = hasProc
        self.openFiles = openFiles
        self.publicPort = publicPort
        self.isPublicPortFree = isPublicPortFree
        self.state = state
        self.runtime = runtime
        self.clock = clock
    }
}
