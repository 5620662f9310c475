import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

@Suite struct ComposeRendererTests {
    private static let composed = ["cognitive-sprint", "incident-platform", "personal-assistant"]

    @Test("the Compose files of the examples are these", arguments: RenderedExample.names)
    func golden(_ name: String) throws {
        let subject = try RenderedExample.subject(name)
        let rendering = ComposeRenderer().render(subject)
        #expect(rendering == ComposeRenderer().render(subject))
        #expect(!rendering.diagnostics.hasErrors)
        #expect(rendering.artifacts.isEmpty != Self.composed.contains(name))
        // What monitoring writes is judged and kept with monitoring.
        let monitoring = MonitoringRenderer().render(subject).artifacts
            .filter { $0.path.hasPrefix("deploy/monitoring/") && !$0.path.contains("/prometheus/tests/") }
        let (others, own) = (
            rendering.artifacts.filter { $0.path.hasPrefix("deploy/monitoring/") },
            rendering.artifacts.filter { !$0.path.hasPrefix("deploy/monitoring/") }
        )
        #expect(others.sorted { $0.path < $1.path } == monitoring)
        let kept = Rendering(own, diagnostics: rendering.diagnostics)
        try RenderedExample.expect(kept, of: name, target: "compose", subject)
    }

    /// Merges maps as Compose does and prints what is wrong.
    private static let judge = """
        import glob, json, os, subprocess, sys, yaml
        import check_jsonschema
        schema = os.path.join(os.path.dirname(check_jsonschema.__file__), "builtin_schemas", "vendor", "compose-spec.json")
        names = sorted(glob.glob("*.yaml"))
        run = subprocess.run([sys.executable, "-m", "check_jsonschema", "--schemafile", schema] + names,
                             capture_output=True, text=True)
        if run.returncode: print(run.stdout, run.stderr)
        def merge(one, other):
            if isinstance(one, dict) and isinstance(other, dict):
                return {k: merge(one[k], other[k]) if k in one and k in other else one.get(k, other.get(k)) for k in {**one, **other}}
            print("both files say", one, "and", other)
            return other
        base = yaml.safe_load(open("compose.yaml"))
        for name in names:
            if name == "compose.yaml" and len(names) > 1: continue
            whole = base if name == "compose.yaml" else merge(base, yaml.safe_load(open(name)) or {})
            json.dump(whole, open("whole.json", "w"))
            run = subprocess.run([sys.executable, "-m", "check_jsonschema", "--schemafile", schema, "whole.json"],
                                 capture_output=True, text=True)
            if run.returncode: print(name, run.stdout, run.stderr)
            for unit, service in whole["services"].items():
                where = name + " " + unit + ":"
                for key in ("image", "cap_drop", "read_only", "deploy", "networks", "logging"):
                    if key not in service: print(where, "no", key)
                if service.get("cap_drop") != ["ALL"] or service.get("read_only") is not True: print(where, "is soft")
                if ":latest" in service["image"] or ":" not in service["image"]: print(where, service["image"])
                if "limits" not in service["deploy"]["resources"]: print(where, "no limits")
                for kind, names_ in (("networks", service["networks"]), ("secrets", [s if isinstance(s, str) else s["source"] for s in service.get("secrets", [])]),
                                     ("configs", [c["source"] for c in service.get("configs", [])]),
                                     ("volumes", [v.split(":")[0] for v in service.get("volumes", []) if isinstance(v, str) and v[0] not in "./$"]),
                                     ("services", service.get("depends_on", {}))):
                    for each in names_:
                        if each not in whole.get(kind, {}): print(where, kind, each, "is not declared")
                # What `docker stack deploy` passes over, though the schema knows it.
                if "name" not in whole and len(names) > 1 and name != "compose.yaml":
                    for key in ("tmpfs", "shm_size", "security_opt", "depends_on", "restart", "build", "profiles"):
                        if key in service: print(where, key, "means nothing to Swarm")
            for kind in ("secrets", "configs"):
                for each in whole.get(kind, {}).values():
                    if len(each.get("name", "").replace("${SECRETS_VERSION:-1}", "123456")) > 64: print(name, each, "has a name that Swarm refuses")
        """

    @Test("the schema of Compose accepts each file and the two put together", arguments: composed)
    func schema(_ name: String) throws {
        let files = ComposeRenderer().render(try RenderedExample.subject(name)).artifacts
            .filter { $0.path.hasPrefix("compose.") }
        #expect(!files.isEmpty)
        let said = try PythonJudge().run(
            Self.judge, files: Dictionary(files.map { ($0.path, $0.text) }) { first, _ in first })
        #expect(said == "")
    }

    @Test("names of a stack's secrets and configs are short enough for Swarm, and none is another's")
    func stackNames() throws {
        let yaml = """
            hauban: 1
            platform: a-platform-with-a-name-that-says-everything-about-it
            services:
              api:
                source: api
                run: ./api
                port: 8000
                uses: {a-database-with-a-long-name: write, another-database-with-a-long-name: write}
            resources:
              a-database-with-a-long-name: {kind: postgres}
              another-database-with-a-long-name: {kind: postgres}
            environments: {prod: {target: swarm}}
            """
        let subject = try #require(
            RenderSubject(ParsedPlatform.parse(text: yaml, name: "hauban.yaml"), files: RepositoryFiles([:])))
        let text = ComposeRenderer().render(subject).artifacts.first { $0.path == "compose.yaml" }?.text ?? ""
        // As swarmkit has it: at most 64 of these, the first and the last of them no sign.
        let names = text.split(separator: "\n").compactMap { $0.firstMatch(of: /^ +name: "?([^ "]+?)"?$/)?.output.1 }
            .map { $0.replacing("${SECRETS_VERSION:-1}", with: "123456") }
        #expect(names.count > 5)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.wholeMatch(of: /[a-zA-Z0-9][a-zA-Z0-9-_.]{0,62}[a-zA-Z0-9]/) != nil, "\(name)")
        }
        // And of what is in memory everything stands where `docker stack deploy` looks.
        #expect(!text.contains("    tmpfs:\n      -"))
        #expect(text.contains("target: /dev/shm"))
    }

    @Test("nginx accepts each edge", arguments: composed)
    func nginx(_ name: String) throws {
        let edges = ComposeRenderer().render(try RenderedExample.subject(name)).artifacts
            .filter { $0.path.hasPrefix("deploy/nginx/") }
        #expect(!edges.isEmpty)
        let said = try PythonJudge().run(
            """
            import glob, os, subprocess
            here = os.getcwd()
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                            "-days", "1", "-subj", "/CN=localhost", "-keyout", "tls.key", "-out", "tls.crt"],
                           check=True, capture_output=True)
            for name in sorted(glob.glob("*.conf")):
                # Only places are exchanged: those of the container for those of this folder.
                text = open(name).read()
                for old, new in ((" /tmp/", " " + here + "/"), ("/certificates/", here + "/"),
                                 ("/dev/stdout", here + "/access.log"), ("/dev/stderr", here + "/error.log")):
                    text = text.replace(old, new)
                open(name, "w").write(text)
                run = subprocess.run(["nginx", "-t", "-q", "-e", here + "/start.log", "-c", os.path.join(here, name)],
                                     capture_output=True, text=True)
                if run.returncode or "warn" in run.stderr: print(name, run.stderr)
            """,
            files: Dictionary(edges.map { (String($0.path.split(separator: "/").last ?? ""), $0.text) }) { one, _ in one
            })
        #expect(said == "")
    }

    @Test("every script of a container is one that a shell and shellcheck take")
    func scripts() throws {
        var files: [String: String] = [:]
        for name in Self.composed {
            for artifact in ComposeRenderer().render(try RenderedExample.subject(name)).artifacts
            where artifact.path.hasSuffix(".sh") {
                #expect(artifact.isExecutable)
                files["\(name)-\(artifact.path.replacing("/", with: "_"))"] = artifact.text
            }
        }
        #expect(files.count >= 5)
        let said = try PythonJudge().run(
            """
            import glob, os, subprocess, sys
            tool = os.path.join(os.path.dirname(sys.executable), "shellcheck")
            run = subprocess.run([tool, "--norc"] + sorted(glob.glob("*.sh")), capture_output=True, text=True)
            print(run.stdout + run.stderr, end="")
            """, files: files)
        #expect(said == "")
    }

    @Test("every service, database, secret and exposure is there, and no value of a secret", arguments: composed)
    func whole(_ name: String) throws {
        let subject = try RenderedExample.subject(name)
        for place in subject.places(on: [.docker, .swarm]) {
            let stack = ComposeStack(subject: subject, place: place)
            guard case .map(let entries) = stack.tree,
                case .map(let units)? = entries.first(where: { $0.key == "services" })?.value
            else {
                Issue.record("no services")
                continue
            }
            let names = Set(units.map(\.key))
            for service in place.platform.services.keys { #expect(names.contains(service.text)) }
            for resource in place.platform.resources.keys { #expect(names.contains(resource.text)) }
            for service in place.platform.services.values {
                for secret in service.secrets.keys { #expect(stack.secretNames.contains(secret.text)) }
                #expect(service.expose.isEmpty || names.contains("edge"))
            }
            let text = stack.edge.artifact.text
            #expect(stack.edge.ways.count == place.platform.services.values.reduce(0) { $0 + $1.expose.count })
            for way in stack.edge.ways { #expect(text.contains("set $upstream \(way.service):\(way.port);")) }
        }
    }

    @Test("what is rendered for one environment is what is rendered for it among all")
    func alone() throws {
        let all = try RenderedExample.subject("personal-assistant")
        let staging = try #require(EnvironmentName("staging"))
        let one = try #require(RenderSubject(all.parsed, files: all.files, only: [staging]))
        let rendered = ComposeRenderer().render(one).artifacts
        #expect(rendered.contains { $0.path == "compose.staging.yaml" })
        #expect(!rendered.contains { $0.path == "compose.prod.yaml" })
        #expect(Set(rendered).isSubset(of: Set(ComposeRenderer().render(all).artifacts)))
    }

    @Test("what is shared and what is left make the tree again, whatever the trees are")
    func shares() {
        var random = SeededGenerator(seed: 7)
        func tree(_ depth: Int) -> YAMLTree {
            guard depth > 0, Bool.random(using: &random) else { return .integer(Int.random(in: 0..<3, using: &random)) }
            return .map(
                ["a", "b", "c", "d"].filter { _ in Int.random(in: 0..<4, using: &random) > 0 }
                    .map { YAMLEntry($0, tree(depth - 1)) })
        }
        func merged(_ one: YAMLTree, _ other: YAMLTree) -> [String: YAMLTree] {
            var all: [String: YAMLTree] = [:]
            for case .map(let entries) in [one, other] {
                for entry in entries {
                    if let known = all[entry.key] {
                        all[entry.key] = .map(merged(known, entry.value).map { YAMLEntry($0.key, $0.value) })
                    } else {
                        all[entry.key] = entry.value
                    }
                }
            }
            return all
        }
        func flat(_ tree: YAMLTree, _ path: String = "") -> [String: Int] {
            switch tree {
            case .integer(let number): [path: number]
            case .map(let entries):
                entries.isEmpty
                    ? [path + "{}": 0]
                    : entries.reduce(into: [:]) { all, entry in
                        all.merge(flat(entry.value, path + "/" + entry.key)) { one, _ in one }
                    }
            default: [:]
            }
        }
        for _ in 0..<300 {
            let trees = (0..<3).map { _ in YAMLTree.map([YAMLEntry("x", tree(4)), YAMLEntry("y", tree(3))]) }
            guard let common = TreeSharing.common(trees) else { continue }
            for tree in trees {
                let rest = TreeSharing.rest(tree, without: common) ?? .map([])
                let again = YAMLTree.map(merged(common, rest).map { YAMLEntry($0.key, $0.value) })
                #expect(flat(again) == flat(tree))
            }
        }
    }
}

@Suite struct ComposeNamesTests {
    private func subject(_ services: String, _ rest: String = "") throws -> RenderSubject {
        let yaml = """
            hauban: 1
            platform: shop
            services: {\(services)}
            environments: {test: {target: docker}}
            \(rest)
            """
        let parsed = ParsedPlatform.parse(text: yaml, name: "hauban.yaml")
        return try #require(RenderSubject(parsed, files: RepositoryFiles([:])))
    }

    @Test(
        "a name that a container or a secret of ours has is refused",
        arguments: [
            ("edge: {source: e, run: ./e, port: 80, expose: {path: /}}", "", "`edge`"),
            ("a: {source: a, run: ./a, port: 80, metrics: /metrics}, loki: {source: l, run: ./l}", "", "`loki`"),
            (
                "a: {source: a, run: ./a, migrate: ./m, uses: {db: write}}, a-migrate: {source: l, run: ./l}",
                "resources: {db: {kind: postgres}}", "`a-migrate`"
            ),
            ("admin: {source: a, run: ./a, uses: {db: write}}", "resources: {db: {kind: postgres}}", "`admin`"),
            (
                "a: {source: a, run: ./a, uses: {db: write}, secrets: [db-a]}",
                "resources: {db: {kind: postgres}}\nsecrets: {db-a: {}}", "`db-a`"
            ),
        ])
    func collisions(_ services: String, _ rest: String, _ word: String) throws {
        let findings = ComposeRenderer().render(try subject(services, rest)).diagnostics.filter {
            $0.severity == .error
        }
        #expect(findings.count == 1)
        #expect(findings.first?.message.contains(word) == true)
    }

    @Test("what runs elsewhere is a warning, and its users do not start before .env says where")
    func elsewhere() throws {
        let services = """
            a: {source: a, run: ./a, uses: {up-loads: write}, secrets: [key], env: {TO: "${up-loads.url}", KEY: "${up-loads.url}?${secrets.key}", NAME: "${up-loads.name}"}}
            """
        let rendering = ComposeRenderer().render(
            try subject(services, "resources: {up-loads: {kind: bucket}}\nsecrets: {key: {}}"))
        #expect(!rendering.diagnostics.hasErrors)
        #expect(rendering.diagnostics.contains { $0.help?.contains("UP_LOADS_URL") == true })
        let text = try #require(rendering.artifacts.first { $0.path == "compose.yaml" }).text
        #expect(text.contains("TO: \"${UP_LOADS_URL:?"))
        #expect(text.contains("export KEY=\"$$UP_LOADS_URL?$$(cat /run/secrets/key)\""))
        #expect(text.contains("NAME: up-loads"))
    }

    @Test("where code reloads, monitoring starts when somebody wants it")
    func profile() throws {
        let services = "a: {source: a, run: ./a, port: 80, metrics: /metrics}"
        let subject = try #require(
            RenderSubject(
                ParsedPlatform.parse(
                    text: "hauban: 1\nplatform: shop\nservices: {\(services)}\n"
                        + "environments: {dev: {target: docker, reload: true}, test: {target: docker}}\n",
                    name: "hauban.yaml"), files: RepositoryFiles([:])))
        let files = ComposeRenderer().render(subject).artifacts
        let count = { (path: String) in
            (files.first { $0.path == path }?.text ?? "").components(separatedBy: "profiles: [monitoring]").count - 1
        }
        #expect(count("compose.dev.yaml") == 7)
        #expect(count("compose.test.yaml") == 0 && count("compose.yaml") == 0)
    }
}
