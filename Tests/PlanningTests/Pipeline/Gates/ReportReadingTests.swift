import Spec
import TestKit
import Testing

@testable import Planning

@Suite("Reports of tools")
struct ReportReadingTests {
    private static func read(_ text: String, _ name: String = "report.json", in folder: String = "")
        -> StepReports.Report
    {
        StepReports.read(name, Array(text.utf8), in: folder)
    }

    private static func findings(_ report: StepReports.Report) -> [GateFinding] {
        guard case .findings(let found) = report else {
            Issue.record("no findings: \(report)")
            return []
        }
        return found
    }

    @Test("pip-audit's holes have no severity, and a package that it skipped is told")
    func pipAudit() {
        let text = #"""
            {"dependencies": [
              {"name": "flask", "version": "0.5", "vulns": [{"id": "PYSEC-2019-179", "fix_versions": ["1.0"],
               "aliases": ["CVE-2019-1010083", "GHSA-5wv5-4vpf-pj6m"], "description": "Denial of service\nby \u001b[31mmemory"}]},
              {"name": "idna", "version": "3.4", "vulns": []},
              {"name": "left", "skip_reason": "Dependency not found on PyPI and could not be audited"}], "fixes": []}
            """#
        #expect(
            Self.findings(Self.read(text, in: "api")) == [
                GateFinding(
                    tool: "pip-audit", kind: .vulnerability, rule: "PYSEC-2019-179",
                    aliases: ["CVE-2019-1010083", "GHSA-5wv5-4vpf-pj6m"], message: "Denial of service by [31mmemory",
                    file: "api/requirements.txt", package: "flask 0.5", fixedIn: ["1.0"]),
                GateFinding(
                    tool: "pip-audit", kind: .unseen, rule: "skipped",
                    message: "left was not looked up: Dependency not found on PyPI and could not be audited",
                    file: "api/requirements.txt", package: "left"),
            ])
        #expect(Self.findings(Self.read(#"{"dependencies": [], "fixes": []}"#)).map(\.kind) == [.unseen])
    }

    @Test("npm audit's advisories are told once each, and what it could not look up is broken")
    func npm() {
        let text = #"""
            {"auditReportVersion": 2, "vulnerabilities": {
              "minimist": {"name": "minimist", "severity": "critical", "isDirect": false, "range": "<0.2.4", "nodes": [], "effects": ["mkdirp"],
                "via": [{"source": 1097677, "name": "minimist", "dependency": "minimist", "title": "Prototype Pollution in minimist",
                  "url": "https://github.com/advisories/GHSA-xvch-5gv4-984h", "severity": "moderate", "range": "<0.2.4"}],
                "fixAvailable": {"name": "mkdirp", "version": "0.5.6", "isSemVerMajor": false}},
              "mkdirp": {"name": "mkdirp", "severity": "moderate", "via": ["minimist"], "effects": [], "fixAvailable": true}},
             "metadata": {}}
            """#
        #expect(
            Self.findings(Self.read(text, "npm-audit.json", in: "web")) == [
                GateFinding(
                    tool: "npm audit", kind: .vulnerability, rule: "GHSA-xvch-5gv4-984h", level: .medium,
                    message: "Prototype Pollution in minimist", file: "web/package.json", package: "minimist <0.2.4",
                    fixedIn: ["0.5.6"])
            ])
        let broken = Self.read(#"{"error": {"code": "ENOLOCK", "summary": "needs a lockfile"}}"#, "npm-audit.json")
        #expect(broken == .broken("npm audit did not look: needs a lockfile"))
    }

    @Test("Trivy's and Grype's holes keep their severity; an image that nobody could look into is told")
    func images() {
        let trivy = #"""
            {"SchemaVersion": 2, "ArtifactName": "shop/api:1", "Results": [{"Target": "shop/api:1 (debian 12.5)", "Class": "os-pkgs",
              "Vulnerabilities": [{"VulnerabilityID": "CVE-2024-1", "PkgName": "openssl", "InstalledVersion": "3.0.1", "FixedVersion": "3.0.2",
                "Severity": "CRITICAL", "Title": "openssl: bad"}],
              "Secrets": [{"RuleID": "aws", "Severity": "HIGH", "Title": "AWS key", "Match": "AKIA…"}]}]}
            """#
        #expect(
            Self.findings(Self.read(trivy)) == [
                GateFinding(
                    tool: "trivy", kind: .vulnerability, rule: "CVE-2024-1", level: .critical, message: "openssl: bad",
                    package: "openssl 3.0.1", fixedIn: ["3.0.2"]),
                GateFinding(
                    tool: "trivy", kind: .secret, rule: "aws", level: .high, message: "AWS key",
                    package: "shop/api:1 (debian 12.5)"),
            ])
        #expect(
            Self.findings(Self.read(#"{"SchemaVersion": 2, "ArtifactName": "x"}"#)).map(\.rule) == ["nothing-scanned"])
        let grype = #"""
            {"matches": [{"vulnerability": {"id": "GHSA-1", "severity": "Negligible", "fix": {"versions": ["2"], "state": "fixed"}},
              "relatedVulnerabilities": [{"id": "CVE-1"}], "artifact": {"name": "zlib", "version": "1", "type": "deb"}},
              {"vulnerability": {"id": "CVE-2", "severity": "Unknown"}, "artifact": {"name": "z", "version": "1"}}],
             "descriptor": {"name": "grype", "version": "0.99"}}
            """#
        let found = Self.findings(Self.read(grype))
        #expect(found.map(\.level) == [.low, nil])
        #expect(found.map(\.aliases) == [["CVE-1"], []])
    }

    @Test("gitleaks' finds are told without what was found")
    func gitleaks() {
        let text = #"""
            [{"RuleID": "aws-access-token", "Description": "AWS key", "StartLine": 3, "Match": "AKIAPLANTED", "Secret": "AKIAPLANTED",
              "File": "api/settings.py", "Commit": "0123456789abcdef", "Fingerprint": "0123:api/settings.py:aws:3"}]
            """#
        let found = Self.findings(Self.read(text))
        #expect(
            found == [
                GateFinding(
                    tool: "gitleaks", kind: .secret, rule: "aws-access-token", level: .critical,
                    message: "AWS key (commit 0123456789ab)", file: "api/settings.py", line: 3)
            ])
        #expect(!"\(found)".contains("AKIAPLANTED"))
        #expect(Self.read("[]") == .findings([]))
    }

    @Test("SARIF: severities, rules by index, suppressed and passed results, places from the step's folder")
    func sarif() {
        let text = #"""
            {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "CodeQL", "rules": [
                {"id": "py/sql", "properties": {"security-severity": "8.8"}}, {"id": "py/unused", "defaultConfiguration": {"level": "note"}}]}},
              "results": [
                {"ruleIndex": 0, "message": {"text": "SQL"}, "locations": [{"physicalLocation":
                  {"artifactLocation": {"uri": "app/db.py"}, "region": {"startLine": 7}}}]},
                {"ruleId": "py/unused", "message": {"text": "unused"}},
                {"ruleId": "py/sql", "message": {"text": "old"}, "suppressions": [{"kind": "inSource"}]},
                {"ruleId": "py/sql", "kind": "pass", "message": {"text": "fine"}},
                {"ruleId": "x", "level": "error", "message": {"text": "e"}, "locations": [{"physicalLocation":
                  {"artifactLocation": {"uri": "file:///home/ci/shop/api/app/x.py"}}}]}]}]}
            """#
        let found = Self.findings(Self.read(text, in: "api"))
        #expect(found.map(\.rule) == ["py/sql", "py/unused", "x"])
        #expect(found.map(\.level) == [.high, .low, .high])
        #expect(found.map(\.file) == ["api/app/db.py", nil, "api/app/x.py"])
        #expect(found.map(\.line) == [7, nil, nil])
        let failed =
            #"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "invocations": [{"executionSuccessful": false}]}]}"#
        #expect(Self.read(failed) == .broken("report.json: t says that it did not get through"))
    }

    @Test("JUnit counts the cases and believes no sums; Cobertura counts a line once")
    func xml() {
        let junit = """
            <?xml version="1.0" encoding="utf-8"?><!-- a & b -->
            <testsuites><testsuite name="pytest" errors="0" failures="0" tests="99">
            <testcase classname="tests.a" name="one"/><testcase classname="tests.a" name="two"><failure message="1 &lt; 2"><![CDATA[<no>]]></failure></testcase>
            <testcase name="three"><skipped/></testcase><testcase name="f&#246;ur"><error/></testcase></testsuite></testsuites>
            """
        var tally = TestTally()
        tally.run = 4
        tally.failed = 2
        tally.skipped = 1
        tally.failures = ["tests.a.two", "föur"]
        #expect(Self.read(junit, "junit.xml") == .tests(tally))
        let cobertura = """
            <?xml version="1.0" ?>
            <!DOCTYPE coverage SYSTEM 'http://cobertura.sourceforge.net/xml/coverage-04.dtd'>
            <coverage line-rate="1"><packages><package><classes>
            <class filename="a.py"><methods><method><lines><line number="1" hits="1"/></lines></method></methods><lines><line number="1" hits="1"/><line number="2" hits="0"/></lines></class>
            <class filename="a.py"><methods/><lines><line number="2" hits="3"/><line number="3" hits="0"/></lines></class>
            </classes></package></packages></coverage>
            """
        #expect(Self.read(cobertura, "coverage.xml") == .coverage(LineCoverage(covered: 2, lines: 3)))
    }

    @Test("XML that defines entities, or is not whole, is broken")
    func badXML() {
        let bomb =
            #"<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY x SYSTEM "file:///etc/passwd">]><testsuite>&x;</testsuite>"#
        for text in [
            bomb, "<testsuite>&x;</testsuite>", "<testsuite><a></testsuite>", "<testsuite>", "<testsuite a=1/>",
            "<testsuite a='1' a='2'/>", "<a/><b/>", "x<a/>", "<testsuite>&#xffffffffff;</testsuite>", "<",
            String(repeating: "<testsuite>", count: 1000),
        ] {
            guard case .broken = StepReports.read("r.xml", Array(text.utf8)) else {
                // Text in front is no XML at all, and so no report.
                #expect(text == "x<a/>", "\(text)")
                continue
            }
        }
    }

    @Test("LCOV, Go's profile and LLVM's export tell lines")
    func coverage() {
        #expect(
            Self.read("TN:\nSF:a.ts\nDA:1,5\nDA:2,0\nend_of_record\nSF:a.ts\nDA:2,1\nend_of_record\n", "lcov.info")
                == .coverage(LineCoverage(covered: 2, lines: 2)))
        #expect(
            Self.read("mode: atomic\na.go:1.2,3.4 3 1\na.go:5.1,6.2 1 0\na.go:5.1,6.2 1 0\n", "coverage.out")
                == .coverage(LineCoverage(covered: 3, lines: 4)))
        #expect(
            Self.read(
                #"{"type": "llvm.coverage.json.export", "data": [{"totals": {"lines": {"count": 10, "covered": 7, "percent": 70}}}]}"#
            )
                == .coverage(LineCoverage(covered: 7, lines: 10)))
    }

    @Test("Bills of materials tell packages with their licences")
    func components() {
        let cyclone = #"""
            {"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
              {"type": "library", "name": "a", "version": "1", "licenses": [{"license": {"id": "MIT"}}]},
              {"type": "library", "name": "b", "licenses": [{"expression": "MIT OR GPL-3.0-only"}]},
              {"type": "operating-system", "name": "debian"}, {"type": "library", "name": "c"}]}
            """#
        #expect(
            Self.read(cyclone)
                == .components([
                    .init(name: "a 1", licence: "MIT"), .init(name: "b", licence: "MIT OR GPL-3.0-only"),
                    .init(name: "c", licence: nil),
                ]))
        let spdx =
            #"{"spdxVersion": "SPDX-2.3", "packages": [{"name": "a", "versionInfo": "1", "licenseConcluded": "NOASSERTION", "licenseDeclared": "MIT"}]}"#
        #expect(Self.read(spdx) == .components([.init(name: "a 1", licence: "MIT")]))
    }

    @Test(
        "Licence expressions: a choice that is allowed is enough",
        arguments: [
            ("MIT", true), ("GPL-3.0-only", false), ("MIT OR GPL-3.0-only", true), ("MIT AND GPL-3.0-only", false),
            ("(GPL-3.0-only OR Apache-2.0) AND MIT", true), ("Apache-2.0 WITH LLVM-exception", true),
            ("GPL-3.0-only WITH Classpath-exception-2.0", false), ("(MIT", false), ("MIT MIT", false), ("", false),
        ])
    func licences(text: String, isAllowed: Bool) {
        #expect(LicenceExpression.isAllowed(text, by: ["MIT", "Apache-2.0"]) == isAllowed)
    }

    @Test("Any bytes give a report, and none of it steers a terminal or leaves the repository")
    func anything() {
        var random = SeededGenerator(seed: 7)
        let seeds = [
            #"{"dependencies": [{"name": "a", "vulns": [{"id": "x"}]}]}"#,
            "<testsuite><testcase name='a'/></testsuite>",
            #"{"version": "2.1.0", "runs": [{"results": [{"ruleId": "a", "message": {"text": "b"}}]}]}"#,
            "TN:\nSF:a\nDA:1,1\n",
            #"[{"RuleID": "a", "Fingerprint": "b", "File": "../../etc/passwd", "StartLine": -4}]"#,
        ].map { Array($0.utf8) }
        for round in 0..<3000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                if Bool.random(using: &random) {
                    bytes[at] = UInt8.random(in: 0...255, using: &random)
                } else {
                    bytes.remove(at: at)
                }
            }
            guard case .findings(let found) = StepReports.read("r.json", bytes) else { continue }
            for finding in found {
                #expect(!finding.message.unicodeScalars.contains { $0.value < 0x20 })
                #expect(finding.file.map { !$0.hasPrefix("/") && !$0.split(separator: "/").contains("..") } ?? true)
            }
        }
    }
}
