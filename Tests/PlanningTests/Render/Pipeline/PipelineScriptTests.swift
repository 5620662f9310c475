import Spec
import TestKit
import Testing

@testable import Planning

/// Scripts are really run, with stand-ins for what lies outside: `gh`, `curl`, `date` and `sleep`.
@Suite struct PipelineScriptTests {
    private static let prelude = """
        import hashlib, json, os, subprocess, tarfile
        here = os.getcwd()
        os.mkdir("bin")
        def stand(name, text):
            open("bin/" + name, "w").write("#!/usr/bin/env bash\\n" + text)
            os.chmod("bin/" + name, 0o755)
        def run(*words, **env):
            whole = {"PATH": here + "/bin:" + os.environ["PATH"], "HOME": here, **env}
            return subprocess.run(["bash", *words], capture_output=True, text=True, env=whole, timeout=120)

        """

    @Test("hauban is installed when its checksum is the pinned one, and never otherwise")
    func install() throws {
        let said = try PythonJudge().run(
            Self.prelude + """
                open("program", "w").write("#!/bin/sh\\necho ran\\n")
                os.chmod("program", 0o755)
                with tarfile.open("release.tar.gz", "w:gz") as archive: archive.add("program", "hauban")
                digest = hashlib.sha256(open("release.tar.gz", "rb").read()).hexdigest()
                # Copies the release to where `--output` says.
                stand("curl", 'while [ "$1" != --output ]; do shift; done; cp release.tar.gz "$2"; echo "$3" > asked\\n')
                def attempt(pin):
                    if pin is None:
                        if os.path.exists(".hauban-release"): os.remove(".hauban-release")
                    else: open(".hauban-release", "w").write(pin)
                    subprocess.run(["rm", "-rf", "out", "asked"])
                    done = run("install.sh", HAUBAN_FOLDER=here + "/out", GITHUB_PATH=here + "/path")
                    return done.returncode == 0, os.path.exists("out/hauban"), os.path.exists("asked"), done.stderr
                good = "version=1.0\\nurl=https://example/h.tar.gz\\nsha256=" + digest + "\\n"
                for pin, wanted in ((good, (True, True, True)), (good.replace(digest, "0" * 64), (False, False, True)),
                                    (good.replace("https:", "http:"), (False, False, False)),
                                    (good.replace(digest, digest[:63]), (False, False, False)), (None, (False, False, False))):
                    found = attempt(pin)
                    if found[:3] != wanted: print(pin, wanted, found)
                if open("path").read() != here + "/out\\n": print(open("path").read())
                """,
            files: ["install.sh": PipelineScripts.install("hauban.yaml")])
        #expect(said == "")
    }

    @Test("a release waits until the same files were kept long enough, and stops where they were not")
    func soak() throws {
        let said = try PythonJudge().run(
            Self.prelude + """
                # `gh api PATH --jq EXPRESSION` over answers from a file; the expression is left to the real jq.
                stand("gh", 'python3 answer.py "$2" > body; exec jq --raw-output "$4" body\\n')
                open("answer.py", "w").write('''import json, sys
                world = json.load(open("world.json"))
                path = sys.argv[1].split("repos/o/n/")[1]
                if path.startswith("git/commits/"): body = {"tree": {"sha": world["trees"][path.rsplit("/", 1)[1]]}}
                elif path.startswith("deployments?"): body = [{"id": i, "sha": d["sha"]} for i, d in enumerate(world["deployments"])]
                else: body = [{"state": s, "created_at": t} for s, t in world["deployments"][int(path.split("/")[1])]["statuses"]]
                print(json.dumps(body))
                '''.replace("                ", ""))
                # The clock stands still but for `sleep`, which moves it.
                real = subprocess.run(["which", "date"], capture_output=True, text=True).stdout.strip()
                stand("date", 'if [ "$2" = now ] || [ "$1" = +%s ]; then cat now; else exec ' + real + ' "$@"; fi\\n')
                stand("sleep", 'echo "$(($(cat now) + $1))" > later; cp later now; echo "$1" >> slept\\n')
                def at(minutes): return "2026-01-01T%02d:%02d:00Z" % divmod(minutes, 60)
                start = int(subprocess.run([real, "--date", at(0), "+%s"], capture_output=True, text=True).stdout)
                def attempt(now, deployments, trees={"tagged": "T", "merged": "T", "other": "U"}):
                    json.dump({"trees": trees, "deployments": deployments}, open("world.json", "w"))
                    open("now", "w").write(str(start + 60 * now))
                    if os.path.exists("slept"): os.remove("slept")
                    done = run("soaked.sh", "staging", "1800", GITHUB_REPOSITORY="o/n", GITHUB_SHA="tagged")
                    slept = open("slept").read().split() if os.path.exists("slept") else []
                    return done.returncode, slept, done.stderr
                def release(sha, *statuses): return {"sha": sha, "statuses": [[s, at(m)] for s, m in reversed(statuses)]}
                cases = [
                    # Kept for 40 minutes, under another commit.
                    ((40, [release("merged", ("in_progress", 0), ("success", 0))]), (0, [])),
                    # Kept for 10 so far: 20 more are waited for.
                    ((10, [release("merged", ("success", 0))]), (0, ["1200"])),
                    # Replaced after 10 minutes.
                    ((60, [release("other", ("success", 10)), release("merged", ("success", 0), ("inactive", 10))]), (1, [])),
                    # Replaced after it had been kept long enough.
                    ((60, [release("other", ("success", 45)), release("merged", ("success", 0), ("inactive", 45))]), (0, [])),
                    # Released there and failed; only other files were released.
                    ((60, [release("merged", ("failure", 0))]), (1, [])),
                    ((60, [release("other", ("success", 0))]), (1, [])), ((60, []), (1, [])),
                ]
                for (now, deployments), wanted in cases:
                    found = attempt(now, deployments)
                    if found[:2] != wanted: print(now, deployments, wanted, found)
                """,
            files: ["soaked.sh": PipelineScripts.soaked("hauban.yaml")])
        #expect(said == "")
    }

    @Test("protect.sh sends GitHub whole JSON, and changes a rule that is there in place of making a second")
    func protect() throws {
        var files: [String: String] = [:]
        for (name, subject) in try PipelineExamples.all() {
            let script = GitHubRenderer().render(subject).artifacts.first { $0.path.hasSuffix("protect.sh") }
            files["\(name).sh"] = try #require(script).text
        }
        let said = try PythonJudge().run(
            Self.prelude + """
                import glob, re
                stand("gh", '''case "$*" in
                "repo view"*) echo o/n ;;
                *rulesets?per_page*) [ ! -f known ] || echo 7 ;;
                *deployment-branch-policies*--jq*) ;;
                *orgs/*|*users/*) echo 5 ;;
                *"--input -"*) echo "$*" >> calls; python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)))' >> calls ;;
                *) echo "$*" >> calls ;;
                esac
                ''')
                def calls(name, **env):
                    if os.path.exists("calls"): os.remove("calls")
                    done = run(name, **env)
                    if done.returncode: print(name, done.stderr)
                    return open("calls").read()
                for name in sorted(glob.glob("*.sh")):
                    text = calls(name)
                    if not re.search("--method POST repos/[a-z-]+/[a-z-]+/rulesets", text): print(name, text)
                text = calls("every.sh", REVIEWS="2", APPROVERS="team:shop user:ana")
                for wanted in ('"required_approving_review_count": 2', '{"reviewers": [{"type": "Team", "id": 5}, {"type": "User", "id": 5}]',
                               "--raw-field name=v*.*.* --raw-field type=tag", "--raw-field name=release/next --raw-field type=branch"):
                    if wanted not in text: print(wanted, text)
                open("known", "w").close()
                text = calls("skillforge.sh")
                if "--method PUT repos/skillforge/platform/rulesets/7" not in text or "/rulesets --input" in text: print(text)
                """, files: files)
        #expect(said == "")
    }
}
