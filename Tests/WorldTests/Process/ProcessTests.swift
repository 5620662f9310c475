import Glibc
import TestKit
import Testing
import World

@Suite("Processes")
struct ProcessTests {
    private let place = TemporaryFolder()

    private func child(_ script: String, identity: ProcessIdentity? = nil) -> ChildProcess {
        ChildProcess(
            command: ["/bin/sh", "-c", script], environment: ["PATH": "/usr/bin:/bin", "GREETING": "hello"],
            workingDirectory: place.path, standardOutput: place.path + "/out", standardError: place.path + "/err",
            identity: identity)
    }

    @Test("a child has its own session, the given environment and folder, and appends to its files")
    func launch() async throws {
        try place.write("out", "before\n")
        let record = try child("echo $GREETING; pwd; echo $(env | wc -l); echo oops >&2; sleep 30").launch()
        try await eventually { place.read("err") == "oops\n" }
        let entry = try #require(ProcessEntry(pid: record.pid))
        #expect(entry.session == record.pid)
        #expect(entry.group == record.pid)
        #expect(entry.startTime == record.startTime)
        #expect(record.isAlive)
        // PWD is the shell's own addition.
        #expect(place.read("out") == "before\nhello\n\(place.path)\n3\n")
        #expect(record.send(SIGKILL, toGroup: true))
        #expect(await ProcessExit.wait(for: record, timeout: .seconds(60)) == .signalled(SIGKILL))
        #expect(!record.isAlive)
        #expect(ProcessEntry(pid: record.pid) == nil, "it was reaped")
    }

    @Test("a child inherits no descriptor and no ignored signal")
    func clean() async throws {
        signal(SIGUSR2, SIG_IGN)
        let extra = open(place.path, O_RDONLY)
        defer { close(extra) }
        let record = try child("ls /proc/self/fd | wc -l; grep SigIgn /proc/self/status").launch()
        #expect(await ProcessExit.wait(for: record, timeout: .seconds(60)) == .exited(code: 0))
        // 0, 1, 2 and the folder that ls itself reads.
        // Signals 32 and 33 are glibc's own: it does not let anybody set them, and they come as the caller has them.
        #expect(place.read("out").hasPrefix("4\n") && place.read("out").hasSuffix("0000000\n"))
    }

    @Test("a child is given descriptors as 3, 4 and so on, whatever numbers they have here")
    func descriptors() async throws {
        try place.write("first", "one")
        try place.write("second", "two")
        try place.write("third", "three")
        let files = ["first", "second", "third"].map {
            Descriptor(adopting: open(place.path + "/" + $0, O_RDONLY | O_CLOEXEC))
        }
        // The highest number first: each would overwrite another one if it were copied to its place directly.
        let ordered = files.sorted { $0.number > $1.number }
        var process = child("cat <&3; cat <&4; cat <&5; ls /proc/self/fd | wc -l")
        process.descriptors = ordered
        let record = try process.launch()
        #expect(await ProcessExit.wait(for: record, timeout: .seconds(60)) == .exited(code: 0))
        #expect(place.read("out") == "threetwoone7\n")
    }

    @Test("an exit code is reported, and a deadline leaves the child alone")
    func exitCode() async throws {
        let record = try child("until [ -e go ]; do sleep 0.02; done; exit 7").launch()
        #expect(await ProcessExit.wait(for: record, timeout: .milliseconds(50)) == nil)
        #expect(record.isAlive)
        try place.write("go", "")
        #expect(await ProcessExit.wait(for: record, timeout: .seconds(60)) == .exited(code: 7))
    }

    @Test("the end of a process that is not our child is noticed")
    func adopted() async throws {
        let parent = try child("sleep 30 & echo $!; exit 0").launch()
        _ = await ProcessExit.wait(for: parent, timeout: .seconds(60))
        let pid = try #require(Int32(place.read("out").filter { $0.isNumber }))
        let record = try #require(ProcessRecord(running: pid))
        #expect(record.isAlive)
        record.send(SIGTERM, toGroup: false)
        #expect(await ProcessExit.wait(for: record, timeout: .seconds(60)) == .unknown)
        #expect(!record.isAlive)
    }

    @Test("a zombie is not alive, nor is another process with the same number, nor one of another boot")
    func identity() async throws {
        let record = try child("exit 0").launch()
        try await eventually { ProcessEntry(pid: record.pid)?.isZombie == true }
        #expect(!record.isAlive)
        #expect(ProcessExit.reap(record.pid) == .exited(code: 0))
        var own = try #require(ProcessRecord(running: getpid()))
        #expect(own.isAlive)
        own.startTime += 1
        #expect(!own.isAlive)
        #expect(!own.send(0, toGroup: false), "no signal reaches the one that has the number now")
        own.startTime -= 1
        own.boot = BootID(text: "another")
        #expect(!own.isAlive)
    }

    @Test("a missing program, one that may not be executed and a missing folder are told apart, with what to do")
    func refusals() throws {
        try place.write("script", "echo no")
        var child = child("")
        func refusal() -> WorldError? {
            do { _ = try child.launch() } catch let error as WorldError { return error } catch {}
            return nil
        }
        child.command = ["no-such-program-here"]
        #expect(refusal()?.code == "program-missing")
        #expect(refusal()?.hint == "Install the package that has it, or correct `run:`.")
        child.command = ["./script"]
        #expect(refusal()?.code == "program-not-executable")
        child.command = ["sh"]
        child.workingDirectory = place.path + "/nowhere"
        #expect(refusal()?.code == "folder-missing")
    }

    @Test("a stat line whose command holds spaces and parentheses is read")
    func statLine() {
        let line =
            "4242 (a) b (c) S 1 4242 4242 0 -1 4194560 9 0 0 0 150 50 0 0 20 0 3 0 98765 1000 256 184467 1 1 0 0 0 0\n"
        let entry = ProcessEntry(stat: line)
        #expect(entry?.pid == 4242)
        #expect(entry?.state == "S")
        #expect(entry?.parent == 1)
        #expect(entry?.startTime == 98765)
        #expect(entry?.cpu == .seconds(2))
        #expect(ProcessEntry(stat: "") == nil)
    }

    @Test("what a process uses is summed over its descendants, in whatever session they are")
    func tree() {
        func entry(_ pid: Int32, _ parent: Int32) -> ProcessEntry? {
            ProcessEntry(
                stat: "\(pid) (x) S \(parent) \(pid) \(pid) 0 0 0 0 0 0 0 100 0 0 0 0 0 0 0 5 0 1")
        }
        let table = ProcessTable(entries: [entry(10, 1), entry(11, 10), entry(12, 11), entry(20, 1)].compactMap { $0 })
        #expect(table.tree(of: 10).map { $0.pid } == [10, 11, 12])
        #expect(table.usage(of: 10).cpu == .seconds(3))
    }

    @Test("a process is found by the variable it was started with")
    func mark() async throws {
        var child = child("sleep 30 & setsid sleep 30 & wait")
        child.environment["HAUBAN_TEST_MARK"] = place.path
        let record = try child.launch()
        try await eventually { ProcessMark.find("HAUBAN_TEST_MARK", place.path).count == 3 }
        for found in ProcessMark.find("HAUBAN_TEST_MARK", nil) where found.value == place.path {
            kill(found.entry.pid, SIGKILL)
        }
        _ = await ProcessExit.wait(for: record, timeout: .seconds(60))
        try await eventually { ProcessMark.find("HAUBAN_TEST_MARK", place.path).isEmpty }
    }

    @Test("root can start a child as another user; who is not root starts it as himself")
    func identityDrop() async throws {
        chmod(place.path, 0o777)
        let record = try child("id -u; id -g; id -G", identity: ProcessIdentity(user: 65534, group: 65534)).launch()
        let status = await ProcessExit.wait(for: record, timeout: .seconds(60))
        #expect(status == .exited(code: 0))
        guard geteuid() == 0 else {
            #expect(place.read("out").hasPrefix("\(geteuid())\n\(getegid())\n"))
            return
        }
        #expect(place.read("out") == "65534\n65534\n65534\n")
    }
}
