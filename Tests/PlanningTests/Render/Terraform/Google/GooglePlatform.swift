import Planning
import Spec
import TestKit
import Testing

/// A platform that uses what the examples do not.
enum GooglePlatform {
    static func subject(_ yaml: String, files: [String: String?] = [:]) throws -> RenderSubject {
        let parsed = ParsedPlatform.parse(text: yaml, name: "hauban.yaml")
        return try #require(
            RenderSubject(parsed, files: RepositoryFiles(files)),
            "\(parsed.diagnostics.map(\.message).joined(separator: "\n"))")
    }

    static let yaml = """
        hauban: 1
        platform: shop
        owner: {team: shop, oncall: primary}
        services:
          web:
            source: web
            site: {spa: true}
            expose: {host: www, path: /}
          api:
            source: api
            run: ./api --port ${port} --url "$DB_URL"
            port: 8000
            health: {exec: [./check], passes: 2}
            uses: {db: write, cache: write, files: write, orders: publish, api-of-a-name-that-is-rather-long: call}
            secrets: {stripe-key: STRIPE}
            env:
              DB_URL: "${db.url}?application_name=$HOME`id`"
              DB_HOST: "${db.host}"
              PASSWORD: "${db.password}"
              CACHE: "${cache.url}"
              PORT: "80"
              LITERAL: "a $${literal} and %{another}"
              NEXT: "${api-of-a-name-that-is-rather-long.url}/v1"
              HOST: "${api-of-a-name-that-is-rather-long.host}"
              WEB: "${web.url}"
              RELEASE: "${release}"
            egress: [api.stripe.com]
            expose:
              - {host: www, path: /api, strip: true, rate: 20/s, filter: true}
              - {host: api.other.example, path: /v1, rate: 90/m}
            scale: {min: 2, max: 5, cpu: 70%}
            stop: 30s
            slo: {availability: 99.95%, latency: {p50: 100ms}, window: 7d}
          api-of-a-name-that-is-rather-long: {source: other, run: ./other, port: 9000, size: {cpu: 500m, memory: 64Mi}, scale: {min: 0, max: 1, requests: 1}}
          worker:
            source: worker
            run: ./worker
            uses: {orders: subscribe, cache: read}
            scale: {min: 2, max: 3, cpu: 50%}
            health: {exec: [./check]}
            rollout: replace
          nightly: {source: worker, run: ./nightly, schedule: "0 3 * * *", uses: {files: read}}
          ready: {image: ghcr.io/shop/ready:1, port: 80, uses: {orders: subscribe}}
        resources:
          db: {kind: postgres, version: 16, extensions: [pgcrypto], size: {cpu: 3, memory: 4Gi}, backup: {every: 6h, keep: 7d}}
          cache: {kind: redis, evict: oldest, standby: true, size: {cpu: 1, memory: 1500Mi}, backup: {every: 6h, keep: 1d}}
          files: {kind: bucket, versioned: true, keep: 90d, backup: {region: europe-west4}}
          orders: {kind: topic, dead-letter: false, keep: 14d}
          events: {kind: topic}
        secrets: {stripe-key: {rotate: 30d, keep-old: 7d}, other: {}}
        oncall:
          primary:
            rotation: {every: week, at: "mon 09:00", zone: Europe/Paris, people: [ana]}
            channels: {critical: [pagerduty, sms], high: ["pagerduty:payments"], low: ["slack:#shop"]}
        people: {ana: {email: ana@shop.example, phone: "+33612345678"}}
        teams: {shop: {people: [ana]}}
        notify: {pagerduty: {keys: {default: pd}}}
        telemetry: {stack: cloud, traces: cloud, logs-keep: 90d}
        alerts:
          slow: {when: p95(web) > 500ms, for: 100s, level: low, runbook: runbooks/slow.md}
          injection: {when: 'logs(api, "prompt injection") > 0', level: critical, to: ana}
          stuck: {when: lag(orders) > 100, for: 10m}
          full: {when: disk(db) > 80%, level: medium, to: shop}
          again: {when: restarts(worker) > 2, for: 10m}
          raw: {promql: 'sum(rate(x[5m])) > 1', summary: 'It is "raw".'}
          asleep: {when: up(worker) < 1, level: critical}
          caching: {when: memory(cache) > 90%}
          money: {when: spend() > 120%, level: low}
        environments:
          live:
            target: gcp
            regions: [europe-west1]
            domain: shop.example
            tls: {issuer: managed, redirect: false, hsts: 1d}
            registry: europe-docker.pkg.dev/other/images
            budget: {month: 99.5 EUR}
            branch: main
        """
}
