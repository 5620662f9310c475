import Foundation
import Planning
import Spec
import TestKit
import Testing

/// What `amtool` and Prometheus' own parser say of Alertmanager's file and of dashboards.
@Suite struct AlertmanagerTests {
    private static let yaml = """
        hauban: 1
        platform: shop
        owner: {team: shop, oncall: primary}
        services: {api: {source: api, run: ./api, port: 8000, metrics: /metrics}}
        secrets: {bot: {}, page: {}, payments-page: {}, mail-password: {}, hook: {}, hook-key: {}}
        alerts:
          slow: {when: p95(api) > 2s, level: critical}
          paid: {when: errors(api) > 1%, level: high, to: payments}
        oncall:
          primary:
            rotation: {every: week, at: "mon 09:00", zone: Europe/Paris, people: [ana, ben]}
            channels: {critical: [pagerduty, "slack:#alerts", sms], low: ["slack:#info"], medium: ["webhook:signed"]}
        people:
          ana: {email: ana@shop.example, phone: "+33612345678", order: {high: [slack]}, slack: "@ana"}
          ben: {email: ben@shop.example}
        teams: {payments: {people: [ben], channels: ["pagerduty:payments", "webhook:plain"]}}
        notify:
          slack: {token: bot}
          pagerduty: {keys: {default: page, payments: payments-page}}
          email: {server: smtp.shop.example, user: shop, password: mail-password, from: pager@shop.example}
          twilio: {account: AC01, token: bot, from: "+33912345678"}
          webhooks: {plain: {secret-url: hook}, signed: {url: "https://signed.shop.example", secret: hook-key}}
        routes:
          known: {match: {severity: info}, to: nobody, rank: 20}
          money: {match: {team: [money, "a.b"], env: "!= dev"}, to: payments, group: each, wait: 30s, continue: true, rank: 10}
          rest: {match: {team: "=~ mo.*"}, to: ana}
        inhibit: {cause: {while: {alertname: paid}, mute: {severity: [low, medium]}, equal: [service]}}
        environments: {test: {target: docker}}
        """

    /// Labels of an alert, and who has to be told of it.
    private static let told = [
        ("alertname=slow severity=critical", "primary-critical"), ("alertname=other severity=low", "primary-low"),
        ("alertname=other severity=medium", "primary-medium"), ("alertname=other severity=high", "primary-high"),
        ("alertname=other", "primary"), ("alertname=paid severity=critical", "payments"),
        ("alertname=x severity=info", "nobody"), ("alertname=x team=money env=prod", "payments,ana"),
        ("alertname=x team=aXb env=prod", "primary"), ("alertname=x team=a.b env=prod", "payments"),
        ("alertname=x team=money env=dev", "ana"), ("alertname=x team=moon severity=high", "ana-high"),
    ]

    @Test("amtool takes each file, and each alert goes to whom hauban.yaml says")
    func routes() throws {
        var files: [String: String] = [:]
        for name in RenderedExample.names {
            for artifact in MonitoringRenderer().render(try RenderedExample.subject(name)).artifacts
            where artifact.path.hasSuffix("/alertmanager.yml") {
                files["\(name)-\(artifact.path.replacing("/", with: "-"))"] = artifact.text
            }
        }
        #expect(files.count == 2)
        let rendering = MonitoringRenderer().render(try MonitoringTests.subject(of: Self.yaml))
        let shop = try #require(rendering.artifacts.first { $0.path.hasSuffix("/alertmanager.yml") }).text
        // Addresses in files came with Alertmanager 0.26; Debian 12's amtool is of 0.25.
        #expect(shop.contains("url_file: /run/secrets/hook\n"))
        files["shop.yml"] = shop.replacing("url_file: /run/secrets/hook\n", with: "url: https://hook.shop.example\n")
        files["told.txt"] = Self.told.map { "\($0.0)\t\($0.1)\n" }.joined()
        let said = try PythonJudge().run(
            """
            import glob, subprocess
            def run(*words): return subprocess.run(["amtool", *words], capture_output=True, text=True)
            done = run("check-config", *sorted(glob.glob("*.yml")))
            if done.returncode: print(done.stdout, done.stderr)
            for line in open("told.txt").read().splitlines():
                labels, wanted = line.split("\\t")
                done = run("config", "routes", "test", "--config.file=shop.yml", *labels.split())
                if done.stdout.strip() != wanted: print(labels, "is told to", done.stdout.strip(), done.stderr, "not", wanted)
            """, files: files)
        #expect(said == "")
    }

    @Test("what Alertmanager cannot do is told, and no secret stands in its file but by the file's name")
    func says() throws {
        let rendering = MonitoringRenderer().render(try MonitoringTests.subject(of: Self.yaml))
        let messages = rendering.diagnostics.map(\.message)
        #expect(messages.contains { $0.contains("knows no turns of a rotation") })
        #expect(messages.contains { $0.contains("does not tell by `sms`") })
        #expect(messages.contains { $0.contains("does not tell by `webhook`") })
        #expect(messages.contains { $0.contains("tells nobody of `primary-medium`") })
        let text = try #require(rendering.artifacts.first { $0.path.hasSuffix("/alertmanager.yml") }).text
        for name in ["bot", "page", "payments-page", "mail-password", "hook"] {
            #expect(text.contains("/run/secrets/\(name)\n"))
        }
    }

    @Test("Prometheus reads each expression of each dashboard, and Grafana's model has each of its parts")
    func dashboards() throws {
        var files: [String: String] = [:]
        for name in RenderedExample.names {
            for artifact in MonitoringRenderer().render(try RenderedExample.subject(name)).artifacts
            where artifact.path.contains("/grafana/dashboards/") {
                files["\(name)-\(artifact.path.replacing("/", with: "-"))"] = artifact.text
            }
        }
        #expect(files.count >= 20)
        let said = try PythonJudge().run(
            """
            import glob, json, re, subprocess
            # Grafana, "Dashboard JSON model", "Time series", "Stat", "Configure standard options": facts of 12.
            NEEDS = {"uid": str, "title": str, "tags": list, "timezone": str, "editable": bool, "schemaVersion": int, "version": int,
                     "refresh": str, "time": dict, "templating": dict, "annotations": dict, "links": list, "panels": list}
            TYPES = {"timeseries", "stat", "row"}
            UNITS = {"short", "s", "ms", "bytes", "reqps", "percent", "percentunit", "currencyUSD", "currencyEUR", "none"}
            rules, uids = [], set()
            for name in sorted(glob.glob("*.json")):
                if name == "rules.json": continue
                board = json.load(open(name))
                for key, kind in NEEDS.items():
                    if type(board.get(key)) is not kind: print(name, key, "is no", kind.__name__)
                if not re.fullmatch("[A-Za-z0-9_-]{1,40}", board["uid"]): print(name, "uid", board["uid"])
                if (name.split("-deploy-")[0], board["uid"]) in uids: print(name, "has the uid of another")
                uids.add((name.split("-deploy-")[0], board["uid"]))
                ids, taken = set(), set()
                for panel in board["panels"]:
                    where = name + ": " + panel["title"]
                    if panel["type"] not in TYPES or panel["id"] in ids: print(where, panel["type"], panel["id"])
                    ids.add(panel["id"])
                    grid = panel["gridPos"]
                    if set(grid) != set("hwxy") or grid["x"] + grid["w"] > 24: print(where, grid)
                    cells = {(x, y) for x in range(grid["x"], grid["x"] + grid["w"]) for y in range(grid["y"], grid["y"] + grid["h"])}
                    if cells & taken: print(where, "lies over another")
                    taken |= cells
                    if panel["type"] == "row": continue
                    if panel["fieldConfig"]["defaults"]["unit"] not in UNITS: print(where, panel["fieldConfig"])
                    if len({t["refId"] for t in panel["targets"]}) != len(panel["targets"]) or not panel["targets"]: print(where, "targets")
                    for target in panel["targets"]:
                        if target["datasource"] != {"type": "prometheus", "uid": "prometheus"}: print(where, target["datasource"])
                        rules.append({"record": f"dashboard:{len(rules)}", "expr": target["expr"].replace("$service", ".*")})
            json.dump({"groups": [{"name": "dashboards", "rules": rules}]}, open("rules.json", "w"))
            done = subprocess.run(["promtool", "check", "rules", "rules.json"], capture_output=True, text=True)
            if done.returncode or len(rules) < 100: print(len(rules), done.stdout, done.stderr)
            """, files: files)
        #expect(said == "")
    }
}
