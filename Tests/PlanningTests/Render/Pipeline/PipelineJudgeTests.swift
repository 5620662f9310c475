import Spec
import TestKit
import Testing

@testable import Planning

/// What the engines' own tools say of all files of all cases, each tool once.
@Suite struct PipelineJudgeTests {
    /// Waived findings, each with its reason.
    private static let waived = """
        WAIVED = {
            # `$/` is newer than the servers of some teams; a workflow that is called by `./` is of the caller's own commit.
            "self-repository",
            # Only where a source has no lock file, which the line says; with one it is `npm ci`.
            "adhoc-packages",
            # Databases of tests, by version as everywhere else; nothing of theirs is released.
            "unpinned-images",
            # A branch with an environment has pipelines of its pushes and of its merge requests, and both are meant: one
            # releases, the other judges. Other branches have no pipelines of pushes.
            "CKV_GITLABCI_2",
        }
        """

    private static let prelude = """
        import glob, json, os, subprocess, sys, yaml
        tools = os.path.dirname(sys.executable)
        def tool(name): return os.path.join(tools, name)
        for name in glob.glob("*=*"):
            path = name.replace("=", "/")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.rename(name, path)
        def files(pattern): return sorted(glob.glob(pattern, recursive=True, include_hidden=True))
        workflows = files("*/.github/workflows/*.yml")
        dependabots = files("*/.github/dependabot.yml")
        gitlabs = files("*/.gitlab-ci.yml")
        scripts = files("*/.git*/scripts/*.sh")
        assert len(workflows) > 15 and len(dependabots) > 3 and len(gitlabs) == 7 and len(scripts) > 20
        def ask(*words, ok=(0,)):
            run = subprocess.run(words, capture_output=True, text=True)
            if run.returncode not in ok: print(words[0], words[1:4], run.stdout, run.stderr)
            return run.stdout

        """

    private func files() throws -> [String: String] {
        var files: [String: String] = [:]
        for (name, subject) in try PipelineExamples.all() {
            for renderer in [GitHubRenderer() as any Renderer, GitLabRenderer()] {
                for artifact in renderer.render(subject).artifacts {
                    files["\(name)=\(artifact.path.replacing("/", with: "="))"] = artifact.text
                }
            }
        }
        return files
    }

    @Test("the published schemas, yamllint and shellcheck find nothing, neither in files nor in lines of shell")
    func forms() throws {
        let said = try PythonJudge().run(
            Self.prelude + """
                for schema, names in (("github-workflows", workflows), ("dependabot", dependabots), ("gitlab-ci", gitlabs)):
                    more = ["--data-transform", "gitlab-ci"] if schema == "gitlab-ci" else []
                    ask(tool("check-jsonschema"), "--builtin-schema", "vendor." + schema, *more, *names)
                rules = "{extends: default, rules: {line-length: {max: 160, allow-non-breakable-words: true}, document-start: disable, truthy: {check-keys: false}}}"
                ask(tool("yamllint"), "--strict", "-d", rules, *workflows, *dependabots, *gitlabs)

                # Every line of shell as the runner gives it to bash.
                lines = []
                def keep(where, text, head):
                    name = "line-%03d.sh" % len(lines)
                    lines.append((name, where))
                    open(name, "w").write(head + text + "\\n")
                for name in workflows:
                    whole = yaml.safe_load(open(name))
                    assert whole["defaults"]["run"]["shell"] == "bash" if "codeql" not in name else True, name
                    for job, parts in whole["jobs"].items():
                        for step in parts.get("steps", []):
                            if "run" not in step: continue
                            assert "${{" not in step["run"], (name, job, step)
                            names = list(step.get("env", {})) + list(parts.get("env", {}))
                            keep((name, job, step["name"]), step["run"],
                                 "#!/usr/bin/env bash\\nset -eo pipefail\\nexport " + " ".join(names) + "\\n")
                for name in gitlabs:
                    for job, parts in yaml.safe_load(open(name)).items():
                        if not isinstance(parts, dict) or "script" not in parts: continue
                        text = "\\n".join(line for key in ("before_script", "script") for line in parts.get(key, []))
                        keep((name, job), text, "#!/usr/bin/env bash\\nset -eo pipefail\\n")
                        if "after_script" in parts: keep((name, job), "\\n".join(parts["after_script"]), "#!/usr/bin/env bash\\n")
                assert len(lines) > 100
                # Variables come from the CI.
                run = subprocess.run([tool("shellcheck"), "--norc", "--format", "json", "--exclude", "SC2154,SC2155"]
                                     + [name for name, _ in lines], capture_output=True, text=True)
                places = dict(lines)
                for finding in json.loads(run.stdout):
                    print(places[finding["file"]], finding["code"], finding["message"], open(finding["file"]).read().splitlines()[finding["line"] - 1])
                ask(tool("shellcheck"), "--norc", *scripts)
                """, files: files())
        #expect(said == "")
    }

    @Test("zizmor and checkov find nothing that is not waived")
    func security() throws {
        let said = try PythonJudge().run(
            Self.prelude + Self.waived + """

                found = json.loads(ask(tool("zizmor"), "--offline", "--persona", "pedantic", "--format", "json", "--no-exit-codes",
                                       *workflows, *dependabots))
                for one in found:
                    if one["ident"] in WAIVED: continue
                    where = [l["symbolic"]["key"].get("Local", {}).get("given_path", "") + ": " + str(l["symbolic"].get("annotation"))
                             for l in one["locations"]]
                    print(one["ident"], one["determinations"]["severity"], where)
                run = subprocess.run([tool("checkov/bin/checkov") if os.path.exists(tool("checkov/bin/checkov")) else
                                      os.path.join(os.path.dirname(tools), "checkov", "bin", "checkov"),
                                      "--directory", ".", "--framework", "github_actions", "gitlab_ci", "--compact", "--quiet",
                                      "--output", "json", "--skip-download"], capture_output=True, text=True)
                reports = json.loads(run.stdout)
                reports = reports if isinstance(reports, list) else [reports]
                passed = 0
                for report in reports:
                    passed += report.get("summary", report).get("passed", 0)
                    for one in report.get("results", {}).get("failed_checks", []):
                        if one["check_id"] not in WAIVED: print(one["check_id"], one["check_name"], one["file_path"], one["resource"])
                assert passed > 50, run.stdout[:500] + run.stderr[:500]
                """, files: files())
        #expect(said == "")
    }
}
