import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

/// A platform with what the examples lack, and everything that is judged of it and of them.
enum KubernetesFixture {
    static let platform = """
        hauban: 1
        platform: shop
        services:
          web: {source: web, site: {output: dist}, expose: [{host: www, path: /}, {host: shop.example.org, path: /}]}
          api:
            source: api
            run: ./api --port ${port} --in ${environment}
            port: 8080
            health: {ready: /health, passes: 2, timeout: 500ms}
            migrate: {run: ./api migrate, compatible: true}
            uses: {db: write, cache: read, mailer: call, uploads: write}
            secrets: [stripe-key]
            env:
              DATABASE_URL: "${db.url}"
              DATABASE_HOST: "${db.host}"
              CACHE: "${cache.url}"
              MAILER: "${mailer.url}"
              BUCKET: "${uploads.name}"
              BUCKET_KEY: "${uploads.secret_key}"
              RELEASE: "v-${release}"
              PLACE: "${environment}"
              QUOTED: '"both"'
              BRACES: "{{ not ours }} ${stripe.x}"
              LINES: "one\\ntwo"
            egress: [api.stripe.com, "*.example.net"]
            expose: [{host: www, path: /api, strip: true, rate: 100/m, body: 10Mi}, {host: www, path: /hooks, rate: 5/s}]
            scale: {min: 2, max: 5, memory: 80%}
            labels: {feature: checkout, owner: "team a"}
            stop: 20s
          mailer: {image: "shop/mailer:1.4", run: "serve --quiet", port: 9000, uses: {cache: write}}
          report:
            source: report
            run: python -m report
            schedule: "15 2 * * *"
            uses: {db: read, mailer: call}
            env: {DATABASE_URL: "${db.url}"}
          worker:
            source: api
            run: ./api work
            uses: {db: write}
            env: {DATABASE_URL: "${db.url}"}
            scale: 3
            rollout: replace
          pager:
            source: pager
            run: ./pager
            port: 7000
            rollout: {way: canary, steps: [20%], hold: 30s, by: request}
        resources:
          db: {kind: postgres, version: 16, extensions: [pgcrypto], backup: {every: 90m, keep: 7d}}
          cache: {kind: redis, version: 7, evict: oldest}
          uploads: {kind: bucket}
        secrets: {stripe-key: {about: Opens the till.}}
        telemetry: {stack: cloud}
        environments:
          dev: {target: local}
          staging:
            target: kubernetes
            domain: staging.shop.example
            tls: {issuer: files, certificate: tls.pem, key: tls.key, redirect: false}
            services:
              pager: null
              api: {port: 8081, scale: 1, env: {CACHE: null, EXTRA: "1"}, expose: {host: www, path: /api}}
              worker: {health: {exec: [./api, check]}}
              audit: {source: audit, run: ./audit, uses: {db: read}, capacity: spot}
            resources: {db: {backup: null}}
          prod:
            target: kubernetes
            domain: shop.example
            registry: registry.shop.example/team
            services: {worker: {scale: 4}}
            resources: {db: {standby: true, storage: 40Gi}}
        """

    /// Without certificates, under two names, and with every signal of the language that a cluster measures.
    static let watched: String = {
        let signals = [
            ("errors(api)", "5%"), ("availability(api)", "99.5%"), ("p95(api)", "2s"), ("rate(api)", "50/s"),
            ("cpu(api)", "85%"), ("cpu(db)", "90%"), ("cpu(cache)", "90%"), ("memory(worker)", "85%"),
            ("memory(db)", "80%"), ("memory(cache)", "50%"), ("disk(db)", "80%"), ("connections(db)", "100"),
            ("connections(cache)", "10"), ("restarts(worker)", "3"), ("up(api)", "1"), ("up(worker)", "2"),
            ("up(db)", "1"),
            ("up(cache)", "1"),
        ]
        let alerts = signals.enumerated().flatMap { number, signal in
            [">", "<"].map { sign in
                "  a\(number)\(sign == ">" ? "-over" : "-under"): {when: \(signal.0) \(sign) \(signal.1), for: 10m, level: low}\n"
            }
        }
        return """
            hauban: 1
            platform: hall
            services:
              web: {source: web, site: {output: dist}, expose: [{host: www, path: /}, {host: hall.example.org, path: /}]}
              api:
                source: api
                run: ./api
                port: 8080
                health: {ready: /health, live: /live}
                metrics: /metrics
                uses: {db: write, cache: write}
                expose: [{host: www, path: /api}, {host: www, path: /hooks/of/strangers}]
                smoke: [{get: /api/health}]
                slo: {availability: 99.9%, latency: {p95: 300ms}}
              worker: {source: worker, run: ./work, health: {exec: [./work, check]}, scale: 2}
            resources: {db: {kind: postgres, storage: 20Gi}, cache: {kind: redis}}
            alerts:
            \(alerts.joined())
            environments: {prod: {target: kubernetes, domain: hall.example, registry: registry.hall.example}}
            """
    }()

    static func subject(of yaml: String = platform) throws -> RenderSubject {
        let text = yaml.replacing(" ${stripe.x}", with: "")
        let parsed = ParsedPlatform.parse(text: text, name: "hauban.yaml")
        let errors = parsed.diagnostics.filter { $0.severity == .error }
        #expect(errors.isEmpty, "\(errors.map(\.message))")
        return try #require(RenderSubject(parsed, files: RepositoryFiles([:])))
    }

    /// Every platform that is judged, by name.
    static func subjects() throws -> [String: RenderSubject] {
        var subjects = ["hall": try subject(of: watched), "shop": try subject()]
        for name in KubernetesRendererTests.clustered { subjects[name] = try RenderedExample.subject(name) }
        return subjects
    }

    /// All files below a folder for each platform, and what hauban.yaml says of each environment, as one JSON text.
    static func files() throws -> String {
        var files: [String: String] = [:]
        var said: [String: Any] = [:]
        for (name, subject) in try subjects() {
            for artifact in KubernetesRenderer().render(subject).artifacts {
                files["\(name)/\(artifact.path)"] = artifact.text
            }
            for place in subject.places(on: [.kubernetes]) { said["\(name)/\(place.name)"] = Self.words(of: place) }
        }
        let data = try JSONSerialization.data(withJSONObject: ["files": files, "said": said], options: [.sortedKeys])
        return String(decoding: data, as: UTF8.self)
    }

    /// An environment in the words of hauban.yaml.
    private static func words(of place: RenderSubject.Place) -> [String: Any] {
        let platform = place.platform
        var services: [String: Any] = [:]
        for (name, service) in platform.services {
            let literal = service.env.filter { $0.value.placeholders.isEmpty }.mapValues { template in
                template.parts.map { part in if case .text(let text) = part { text } else { "" } }.joined()
            }
            let port = service.site == nil ? service.port?.number : 8080
            services[name.text] =
                [
                    "min": service.scale.min, "max": service.scale.max, "canary": service.rollout.way == .canary,
                    "source": service.source as Any? ?? NSNull(), "image": service.image as Any? ?? NSNull(),
                    "port": port as Any? ?? NSNull(),
                    "schedule": service.schedule?.text as Any? ?? NSNull(), "literal": literal,
                    "variables": Array(service.env.keys) + Array(service.secrets.values),
                    "uses": service.uses.map(\.key.text), "exposed": !service.expose.isEmpty,
                    "measured": service.metrics != nil, "migrates": service.migrate != nil, "egress": service.egress,
                    "cpu": "\(service.size.cpu)", "memory": "\(service.size.memory)",
                ] as [String: Any]
        }
        return [
            "namespace": "\(platform.name)-\(place.name)", "platform": platform.name.text,
            "registry": place.settings.registry as Any? ?? NSNull(), "mesh": place.settings.encrypt == .mesh,
            "watched": platform.telemetry.stack == .prometheus, "services": services,
            "way": place.settings.tls == nil ? 80 : 443, "named": place.settings.domain != nil,
            "resources": platform.resources.mapValues(\.kind.rawValue).reduce(into: [String: String]()) {
                $0[$1.key.text] = $1.value
            },
        ]
    }

    /// Writes the files; `kustomize` puts an overlay together as kubectl does.
    private static let start = """
        import concurrent.futures, glob, json, os, re, subprocess, sys, yaml
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        given = json.load(open("given.json"))
        for path, text in given["files"].items():
            os.makedirs(os.path.dirname(path), exist_ok=True)
            open(path, "w", encoding="utf-8").write(text)
        def kustomize(folder):
            run = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True)
            if run.returncode or run.stderr: print(folder, run.stderr[:2000])
            return [d for d in yaml.load_all(run.stdout, Loader=loader) if d]

        """

    /// The objects of every overlay, put together once for all tests.
    private static let built = Result {
        try PythonJudge().run(
            start + """
                folders = sorted(glob.glob("*/deploy/kubernetes/overlays/*") + glob.glob("*/deploy/kubernetes/cilium/*"))
                if len(folders) < 8: sys.exit(f"only {folders}")
                with concurrent.futures.ThreadPoolExecutor(2) as pool:
                    print(json.dumps(dict(zip(folders, pool.map(kustomize, folders))), default=str))
                """, files: ["given.json": try files()])
    }

    /// - Parameter script: finds all files in place, and the objects of each overlay in `built` by its folder.
    static func judge(_ script: String) throws -> String {
        let facts = Golden.repository().appending(path: "Tests/PlanningTests/Golden/facts/kubernetes-kinds.json")
        return try PythonJudge().run(
            start + "built = json.load(open('built.json'))\n" + script,
            files: [
                "given.json": try files(), "built.json": try built.get(),
                "facts.json": try String(contentsOf: facts, encoding: .utf8),
            ])
    }
}
