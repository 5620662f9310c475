import Planning
import Spec
import Testing

@Suite("The doctor's table")
struct ExaminationTests {
    static let platform = """
        hauban: 1
        platform: shop
        services:
          api: {source: api, run: ./api, port: 8000, expose: {path: /}, uses: {db: write}}
        resources:
          db: {kind: postgres, version: 16}
        environments:
          dev: {target: local}
          prod: {target: docker}
        """

    static func subject(_ name: String, stacks: Set<Stack> = [.python]) throws -> DoctorSubject {
        let parsed = ParsedPlatform.parse(text: platform, name: "hauban.yaml")
        let name = try #require(EnvironmentName(name))
        let platform = try #require(parsed.environments[name])
        let target = try #require(platform.environments[name]?.target)
        return DoctorSubject(platform: platform, environment: name, target: target, stacks: stacks)
    }

    static func everything(_ target: Environment.Target) -> DoctorSubject {
        var subject = DoctorSubject(target: target)
        subject.stacks = Set(Stack.allCases)
        subject.postgresMajors = [15]
        subject.hasRedis = true
        return subject
    }

    /// Everything is there.
    static let whole = MachineFacts(
        programs: [
            "git": "2.39", "python3": "3.11", "node": "20.1", "npm": "10.2", "swift": "6.3", "go": "1.23",
            "redis-server": "7.0", "docker": "27.0", "kubectl": "1.31", "terraform": "1.11", "gcloud": "500.0",
            "aws": "2.0",
        ],
        canMakeVirtualEnvironments: true, postgresMajors: [15, 16], users: ["postgres"], dockerEngine: "27.0",
        isInSwarm: true)

    @Test("a machine with everything lacks nothing for any target", arguments: Environment.Target.allCases)
    func whole(_ target: Environment.Target) {
        for isRoot in [false, true] {
            var facts = Self.whole
            facts.isRoot = isRoot
            let examination = Examination.of(facts, asked: [Self.everything(target)])
            #expect(examination.isWell)
            #expect(examination.rows.allSatisfy { $0.mend == nil && !$0.found.isEmpty })
        }
    }

    @Test("a machine with nothing has a mend for every lack", arguments: Environment.Target.allCases)
    func bare(_ target: Environment.Target) {
        var facts = MachineFacts(hasPidfd: false, hasProc: false, openFiles: [256], clock: 0)
        facts.state = .init(path: "/var/lib/hauban", problem: "not writable")
        let examination = Examination.of(facts, asked: [Self.everything(target)])
        #expect(!examination.isWell)
        #expect(examination.rows.filter { $0.state == .lacking }.allSatisfy { $0.mend?.isEmpty == false })
        #expect(examination.rows.filter { $0.state == .good }.count <= 2)
    }

    @Test("an environment asks only for what its services and resources need")
    func onlyWhatIsNeeded() throws {
        let needs = try Self.subject("dev").needs(isRoot: false)
        #expect(needs.contains(.python) && needs.contains(.postgres(16)))
        #expect(!needs.contains(.node) && !needs.contains(.swift) && !needs.contains(.go) && !needs.contains(.redis))
        #expect(!needs.contains(.postgresUser) && !needs.contains(.docker))
        #expect(try Self.subject("prod").needs(isRoot: false) == [.clock, .git, .stateFolder, .docker])
    }

    @Test("root needs a user that runs PostgreSQL")
    func root() throws {
        var facts = Self.whole
        facts.isRoot = true
        facts.users = []
        let examination = Examination.of(facts, asked: [try Self.subject("dev")])
        let row = try #require(examination.rows.first { $0.need == .postgresUser })
        #expect(row.state == .lacking && row.mend?.contains("postgres") == true)
    }

    @Test("another major version of PostgreSQL is not enough, and the right package is named")
    func postgresMajor() throws {
        var facts = Self.whole
        facts.postgresMajors = [15]
        let row = try #require(
            Examination.of(facts, asked: [try Self.subject("dev")]).rows.first { $0.need == .postgres(16) })
        #expect(row.state == .lacking)
        #expect(row.mend == "apt-get install postgresql-16" && row.found == "this machine has 15")
    }

    @Test("Python without venv is told apart from no Python")
    func virtualEnvironments() throws {
        var facts = Self.whole
        facts.canMakeVirtualEnvironments = false
        func row() throws -> Examination.Row? {
            Examination.of(facts, asked: [try Self.subject("dev")]).rows.first { $0.need == .python }
        }
        #expect(try row()?.mend == "apt-get install python3-venv")
        facts.programs["python3"] = nil
        #expect(try row()?.mend == "apt-get install python3 python3-venv")
    }

    @Test("what only another environment needs is shown and not demanded")
    func others() throws {
        var facts = Self.whole
        facts.dockerEngine = nil
        facts.programs["docker"] = nil
        let dev = try Self.subject("dev")
        let prod = try Self.subject("prod")
        let local = Examination.of(facts, asked: [dev], others: [prod])
        #expect(local.isWell)
        #expect(local.rows.first { $0.need == .docker }?.state == .notNeeded)
        #expect(local.rows.first { $0.need == .docker }?.neededBy == ["prod (docker)"])
        #expect(!Examination.of(facts, asked: [prod], others: [dev]).isWell)
    }

    @Test("without a platform the toolchains are shown and not demanded")
    func withoutPlatform() {
        var facts = Self.whole
        facts.programs["go"] = nil
        let (asked, others) = DoctorSubject.withoutPlatform
        let examination = Examination.of(facts, asked: asked, others: others)
        #expect(examination.isWell)
        let row = examination.rows.first { $0.need == .go }
        #expect(row?.state == .notNeeded && row?.neededBy == ["go services"])
        #expect(examination.rows.first { $0.need == .kernel }?.neededBy == ["local"])
    }

    @Test("an engine that is installed and does not answer is started, not installed again")
    func engine() throws {
        var facts = Self.whole
        facts.dockerEngine = nil
        let row = Examination.of(facts, asked: [try Self.subject("prod")]).rows.first { $0.need == .docker }
        #expect(row?.mend == "systemctl start docker")
    }

    @Test("a taken port is told and stops nothing")
    func port() throws {
        var facts = Self.whole
        facts.isPublicPortFree = false
        let examination = Examination.of(facts, asked: [try Self.subject("dev")])
        #expect(examination.isWell)
        #expect(examination.rows.first { $0.need == .publicPort }?.found.contains("8080 is taken") == true)
    }

    @Test("a disk that is nearly full is lacking")
    func disk() throws {
        var facts = Self.whole
        facts.state.freeBytes = 100 << 20
        #expect(!Examination.of(facts, asked: [try Self.subject("dev")]).isWell)
    }

    @Test("the stacks of a platform come from its files and from what the author told")
    func stacks() throws {
        let text = """
            hauban: 1
            platform: x
            services:
              api: {source: api, run: a}
              web: {source: web, site: {output: dist, build: npm run build}}
              told: {source: told, run: b, stack: go}
              box: {source: box, stack: docker}
            environments: {prod: {target: docker}}
            """
        let base = try #require(ParsedPlatform.parse(text: text, name: "hauban.yaml").base)
        let package = "{\"scripts\": {\"build\": \"vite build\"}, \"devDependencies\": {\"vite\": \"5\"}}"
        let files = RepositoryFiles([
            "api/requirements.txt": "flask", "web/package.json": package, "web/package-lock.json": nil, "told/x": nil,
        ])
        #expect(PlatformStacks.of(base, files: files) == [.python, .node, .go, .plain])
    }
}
