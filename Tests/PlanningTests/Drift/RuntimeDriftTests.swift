import Planning
import Spec
import Testing

@Suite("Drift of what runs")
struct RuntimeDriftTests {
    private func expectation() throws -> ContainerExpectation {
        var wanted = ContainerExpectation(
            SpecPath(["services", "api"]), name: "shop-prod-api-r1-0",
            environment: try #require(EnvironmentName("prod")))
        wanted.image = "sha256:1111111111111111"
        wanted.variables = ["LEVEL": "info"]
        wanted.otherVariables = ["TOKEN_FILE"]
        wanted.imageVariables = ["PATH": "/bin"]
        wanted.memory = 64 << 20
        wanted.nanoCPUs = 500_000_000
        wanted.networks = ["apps"]
        wanted.mounts = ["/tmp"]
        return wanted
    }

    private var well: ContainerForm {
        ContainerForm(
            name: "shop-prod-api-r1-0", image: "sha256:1111111111111111",
            environment: ["LEVEL": "info", "PATH": "/bin", "TOKEN_FILE": "/run/secrets/token"], memory: 64 << 20,
            nanoCPUs: 500_000_000, mounts: ["/tmp": "memory"], networks: ["apps"])
    }

    @Test("a container as its release says has no findings, and each fact that differs is one without any value in it")
    func facts() throws {
        let wanted = try expectation()
        #expect(wanted.findings(well) == [])
        #expect(wanted.findings(nil).map(\.kind) == [.gone])
        var seen = well
        seen.memory = 0
        #expect(
            wanted.findings(seen).map(\.mend) == [
                "`docker update --memory 67108864 --memory-swap 134217728 shop-prod-api-r1-0`"
            ])
        seen = well
        seen.nanoCPUs = 50_000_000
        #expect(wanted.findings(seen).map(\.mend) == ["`docker update --cpus 0.500 shop-prod-api-r1-0`"])
        seen = well
        seen.environment = ["LEVEL": "s3cret", "PATH": "/evil", "MORE": "s3cret"]
        let findings = wanted.findings(seen)
        #expect(findings.map(\.found) == ["LEVEL has another value", "MORE is set", "PATH has another value"])
        #expect(!"\(findings)".contains("s3cret"))
        seen = well
        seen.environment["LEVEL"] = nil
        #expect(wanted.findings(seen).map(\.found) == ["LEVEL is not set"])
        seen = well
        seen.networks = ["other"]
        seen.mounts = [:]
        seen.ports = ["8080/tcp"]
        #expect(wanted.findings(seen).map(\.kind) == [.mounts, .networks, .networks], "ports were not said")
    }

    @Test("a database is mended on its data, and another volume in the place of its own is found")
    func data() throws {
        var wanted = try expectation()
        wanted.volumes = ["/data": "shop-prod_db-data"]
        wanted.mounts = ["/tmp", "/data"]
        var seen = well
        seen.mounts["/data"] = "shop-prod_db-data"
        #expect(wanted.findings(seen) == [])
        seen.mounts["/data"] = "other"
        let findings = wanted.findings(seen)
        #expect(findings.map(\.kind) == [.mounts])
        #expect(findings.first?.found == "other is mounted at /data" && findings.first?.wanted == "shop-prod_db-data")
        #expect(findings.first?.mend.contains("anew on its data") == true)
        #expect(wanted.findings(nil).map(\.mend) == ["`hauban deploy prod` makes it anew on its data."])
        seen.mounts["/data"] = nil
        #expect(wanted.findings(seen).map(\.found) == ["nothing is mounted at /data"])
    }

    @Test(
        "a waiver sets aside what its rule, scope, environment and date cover",
        arguments: [
            ("drift/limits", "services.api", nil, "2027-01-01", true),
            ("drift/limits", "services.*", "prod", "2027-01-01", true),
            ("drift/limits", "", nil, "2026-11-22", true),
            ("drift/limits", "environments.prod.services.api", nil, "2027-01-01", true),
            ("drift/limits", "environments.prod", nil, "2027-01-01", true),
            ("drift/limits", "services.api", nil, "2026-11-21", false),
            ("drift/limits", "services.web", nil, "2027-01-01", false),
            ("drift/limits", "services.api", "staging", "2027-01-01", false),
            ("drift/networks", "services.api", nil, "2027-01-01", false),
            ("drift/limits", "environments.staging", nil, "2027-01-01", false),
        ] as [(String, String, String?, String, Bool)])
    func waivers(_ rule: String, _ scope: String, _ environment: String?, _ expires: String, _ isCovered: Bool) throws {
        let text = """
            hauban: 1
            platform: shop
            owner: {team: shop}
            services: {api: {source: api, port: 8080}}
            environments: {prod: {target: docker, domain: shop.example}, staging: {target: docker, domain: s.shop.example}}
            waivers:
              tried: {rule: \(rule), \(scope.isEmpty ? "" : "scope: \(scope), ")\(environment.map { "environment: \($0), " } ?? "")reason: Tried., owner: shop, expires: \(expires)}
            """
        let parsed = ParsedPlatform.parse(bytes: Array(text.utf8), name: "hauban.yaml")
        let prod = try #require(EnvironmentName("prod"))
        let platform = try #require(parsed.environments[prod])
        let today = try #require(CalendarDate(year: 2026, month: 11, day: 22))
        var seen = well
        seen.memory = 0
        let drift = RuntimeDrift(try expectation().findings(seen)).waived(by: platform.waivers, in: prod, today: today)
        #expect(drift.findings.map { $0.waiver?.text } == [isCovered ? "tried" : nil])
        #expect(drift.open.count == (isCovered ? 0 : 1))
        let codes = Policies.check(parsed, today: today).map(\.code)
        #expect(!codes.contains("unknown-rule"), "the rule is known: \(codes)")
        #expect(codes.contains("waiver-expired") == (expires == "2026-11-21"))
    }
}
