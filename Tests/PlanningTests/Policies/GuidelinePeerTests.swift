import Foundation
import Planning
import Spec
import TestKit
import Testing

/// What the guidelines say of files that a team may have, beside what hadolint and zizmor say of the same files.
@Suite struct GuidelinePeerTests {
    private static let folder = Golden.repository()
        .appendingPathComponent("Tests/PlanningTests/Golden/policies/files")

    private static func findings() throws -> [Diagnostic] {
        Guidelines.judge(try GuidelineExampleTests.files(in: folder))
    }

    @Test("each file is told what is recorded")
    func recorded() throws {
        let files = try GuidelineExampleTests.files(in: Self.folder)
        let sources = files.files.compactMap { name, text in text.map { SourceText(name: name, text: $0) } }
        let nothing = SourceText(name: "hauban.yaml", text: "")
        let report = TextReport(source: nothing, others: sources).text(try Self.findings())
        Golden.expect(report, in: Self.folder.deletingLastPathComponent().appendingPathComponent("files.txt"))
        for secret in ["not-so-secret", "correct-horse-battery", "change-me"] { #expect(!report.contains(secret)) }
    }

    /// hadolint's rules that we have too.
    private static let hadolint = [
        "DL3000": "docker-relative-workdir", "DL3002": "docker-root", "DL3004": "docker-sudo",
        "DL3006": "docker-latest", "DL3007": "docker-latest", "DL3009": "docker-apt-lists",
        "DL3020": "docker-add-local", "DL3025": "docker-shell-form", "DL4003": "docker-two-commands",
    ]

    /// Where we mean something else, each with its reason.
    private static let dockerfilesApart: Set<String> = [
        // `exec` puts the process into the shell's place: it hears signals.
        "Dockerfile.digest:5 docker-shell-form",
        // We point at the command that never runs, hadolint at the one that does.
        "Dockerfile.lists:6 docker-two-commands", "Dockerfile.lists:7 docker-two-commands",
    ]

    @Test("hadolint says the same of each Dockerfile, line by line")
    func dockerfiles() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
            .filter { $0.hasPrefix("Dockerfile.") }
        // It cannot read here-documents that end in a tab, which the reference allows.
        var files = try Self.texts(names.filter { $0 != "Dockerfile.documents" })
        files["rules.txt"] = Self.hadolint.map { "\($0.key) \($0.value)" }.sorted().joined(separator: "\n")
        let said = try PythonJudge().run(
            """
            import glob, json, os, subprocess, sys
            rules = dict(line.split() for line in open("rules.txt"))
            tool = os.path.join(os.path.dirname(sys.executable), "hadolint")
            run = subprocess.run([tool, "--no-fail", "--format", "json"] + sorted(glob.glob("Dockerfile.*")),
                                 capture_output=True, text=True, check=True)
            for found in json.loads(run.stdout):
                assert found["code"] != "DL1000", found
                if found["code"] in rules:
                    print(f"{found['file']}:{found['line']} {rules[found['code']]}")
            """, files: files)
        let theirs = Set(said.split(separator: "\n").map(String.init))
        let shared = Set(Self.hadolint.values)
        let ours = Set(
            try Self.findings().filter { finding in
                // hadolint has no word for an image that names no user at all.
                shared.contains(finding.code) && finding.file.map { files.keys.contains($0) } == true
                    && !finding.message.hasPrefix("no `USER`")
            }.map(Self.line))
        #expect(theirs.count >= 12)
        #expect(ours.symmetricDifference(theirs) == Self.dockerfilesApart)
    }

    /// zizmor's audits that we have too, and whether both mean the same line.
    private static let zizmor: [String: (rule: String, isByLine: Bool)] = [
        "unpinned-uses": ("workflow-unpinned", true), "template-injection": ("workflow-injection", true),
        "artipacked": ("workflow-kept-token", true), "overprovisioned-secrets": ("workflow-all-secrets", true),
        "excessive-permissions": ("workflow-rights", true), "insecure-commands": ("workflow-old-commands", false),
        "secrets-inherit": ("workflow-inherited-secrets", false),
        "hardcoded-container-credentials": ("workflow-registry-password", false),
        "dangerous-triggers": ("workflow-untrusted-checkout", false),
    ]

    private static let workflowsApart: Set<String> = [
        // Whoever owns the image may move its tag as well as an action's.
        ".github/workflows/called.yml:15 workflow-unpinned"
    ]

    @Test("zizmor says the same of each workflow")
    func workflows() throws {
        let names = try FileManager.default
            .contentsOfDirectory(atPath: Self.folder.appendingPathComponent(".github/workflows").path)
        var files: [String: String] = [:]
        for (name, text) in try Self.texts(names.map { ".github/workflows/\($0)" }) {
            files[name.split(separator: "/").last.map(String.init) ?? name] = text
        }
        let said = try PythonJudge().run(
            """
            import glob, json, os, shutil, subprocess, sys
            os.makedirs(".github/workflows")
            for name in glob.glob("*.yml"):
                shutil.move(name, ".github/workflows/" + name)
            tool = os.path.join(os.path.dirname(sys.executable), "zizmor")
            run = subprocess.run([tool, "--offline", "--no-progress", "--no-exit-codes", "--format", "json", ".github/workflows"],
                                 capture_output=True, text=True, check=True)
            for found in json.loads(run.stdout):
                for place in found["locations"]:
                    if place["symbolic"]["kind"] != "Primary":
                        continue
                    path = place["symbolic"]["key"]["Local"]["verbatim_path"]
                    line = place["concrete"]["location"]["start_point"]["row"] + 1
                    print(f"{path[path.index('.github'):]}:{line} {found['ident']}")
            """, files: files)
        var theirs: Set<String> = []
        for line in said.split(separator: "\n").map(String.init) {
            let parts = line.split(separator: " ").map(String.init)
            guard let (rule, isByLine) = Self.zizmor[parts[1]] else { continue }
            theirs.insert("\(isByLine ? parts[0] : parts[0].split(separator: ":").map(String.init)[0]) \(rule)")
        }
        let byLine = Dictionary(Self.zizmor.values.map { ($0.rule, $0.isByLine) }) { first, _ in first }
        let ours = Set(
            try Self.findings().compactMap { finding -> String? in
                var finding = finding
                // Both of our rules about rights are one of theirs.
                let rights = ["workflow-write-all", "workflow-no-permissions"]
                let rule = rights.contains(finding.code) ? "workflow-rights" : finding.code
                guard let isByLine = byLine[rule], let file = finding.file else { return nil }
                finding.rule = nil
                return isByLine ? "\(file):\(finding.span?.line ?? 0) \(rule)" : "\(file) \(rule)"
            })
        #expect(theirs.count >= 12)
        #expect(ours.symmetricDifference(theirs) == Self.workflowsApart)
    }

    /// What rendered files say on purpose, by the container that says so; each says why in a comment there.
    private static let deliberate: Set<String> = [
        "`certbot` runs as root", "`cadvisor` runs as root", "`alloy` runs as root",
        "`cadvisor` gets the socket of the engine",
    ]

    @Test("what we render would pass too, but for notes, and is not faulted in a team's repository")
    func rendered() throws {
        let folder = Golden.repository().appendingPathComponent("Tests/PlanningTests/Golden/render")
        let rendered = try GuidelineExampleTests.files(in: folder)
        #expect(rendered.files.count >= 20)
        #expect(Guidelines.judge(rendered).isEmpty)
        let unmarked = rendered.files.mapValues { $0?.replacing(Artifact.mark, with: "Written like ") }
        let findings = Guidelines.judge(RepositoryFiles(unmarked)).filter {
            $0.severity != .note && !Self.deliberate.contains($0.message)
        }
        let said = findings.map { "\($0.file ?? ""):\($0.span?.line ?? 0) \($0.message) [\($0.code)]" }
        #expect(said == [])
    }

    private static func texts(_ names: [String]) throws -> [String: String] {
        var files: [String: String] = [:]
        for name in names {
            files[name] = String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
        }
        return files
    }

    private static func line(_ finding: Diagnostic) -> String {
        "\(finding.file ?? ""):\(finding.span?.line ?? 0) \(finding.code)"
    }
}
