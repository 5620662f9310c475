import Foundation
import Spec
import TestKit
import Testing

/// What is rendered applied for real: to moto, which answers as AWS does; and `hauban drift` asked of it.
@Suite("Terraform for AWS, applied")
struct AWSApplyTests {
    /// Everything that moto has. What it lacks is not asked for: a Redis (no replication groups), a `budget` (no tags of
    /// budgets), `egress` (no DNS firewall), `encrypt: mesh`, `filter` and `rate` (no logging of a web ACL), a promised
    /// availability (no composite alarms), a cluster.
    static let platform = """
        hauban: 1
        platform: shop
        owner: {team: shop, oncall: primary}
        services:
          api:
            source: api
            run: ./api --port ${port}
            port: 8080
            health: {ready: /health}
            uses: {db: write, uploads: write, orders: publish}
            secrets: [stripe-key]
            env: {DATABASE_URL: "${db.url}", TOPIC: "${orders.url}", UPLOADS: "${uploads.name}"}
            expose: {host: www, path: /}
            scale: 2
            slo: {latency: {p95: 500ms}}
          worker:
            source: api
            run: ./worker
            health: {exec: [./worker, check]}
            uses: {orders: subscribe, uploads: read}
            env: {QUEUE: "${orders.url}"}
          clock:
            source: api
            run: ./clock
            schedule: "0 3 * * 1-5"
        resources:
          db: {kind: postgres, version: 15, backup: {keep: 7d}}
          uploads: {kind: bucket, versioned: true, keep: 365d}
          orders: {kind: topic, keep: 4d}
        secrets: {stripe-key: {rotate: 90d}}
        alerts:
          errors: {when: errors(api) > 1%, for: 5m, level: critical}
          full: {when: cpu(worker) > 90%, for: 10m, level: high}
          backlog: {when: lag(orders) > 1000, for: 15m, level: medium}
          denied: {when: 'logs(api, "denied") > 3', for: 5m, level: low}
        people: {ana: {email: ana@shop.example}}
        oncall:
          primary:
            rotation: {every: week, at: "mon 09:00", zone: UTC, people: [ana]}
            escalate: [{after: 0m, to: primary}]
        teams: {shop: {people: [ana], channels: [email]}}
        environments:
          prod: {target: aws, regions: [eu-west-1], project: "123456789012", domain: shop.example, tls: {issuer: managed}}
        """

    /// What moto forgets of what it was told, so that Terraform would change it for ever: overrides that are laid beside the
    /// modules, for this test alone. Each names attributes, never a whole resource, but where moto has no answer at all.
    static let forgotten: [String: String] = [
        // Rules that name another group lose their description.
        "aws-task": """
        resource "aws_vpc_security_group_egress_rule" "edge" {
          lifecycle {
            ignore_changes = [description]
          }
        }
        resource "aws_vpc_security_group_ingress_rule" "edge" {
          lifecycle {
            ignore_changes = [description]
          }
        }
        resource "aws_vpc_security_group_egress_rule" "endpoints" {
          lifecycle {
            ignore_changes = [description]
          }
        }
        resource "aws_vpc_security_group_egress_rule" "s3" {
          lifecycle {
            ignore_changes = [description]
          }
        }
        """,
        // A service has neither of these, and a list of scalable targets has no tags.
        "aws-service": """
        resource "aws_vpc_security_group_egress_rule" "edge" {
          lifecycle {
            ignore_changes = [description]
          }
        }
        resource "aws_vpc_security_group_ingress_rule" "edge" {
          lifecycle {
            ignore_changes = [description]
          }
        }
        resource "aws_ecs_service" "this" {
          lifecycle {
            ignore_changes = [desired_count, availability_zone_rebalancing, health_check_grace_period_seconds]
          }
        }
        resource "aws_appautoscaling_target" "this" {
          count = 0
        }
        """,
        // The policy of dead letters comes back with other spaces in it.
        "aws-topic": """
        resource "aws_sqs_queue" "this" {
          lifecycle {
            ignore_changes = [redrive_policy]
          }
        }
        """,
        // Neither parameters nor insights of a database.
        "aws-postgres": """
        resource "aws_db_parameter_group" "this" {
          lifecycle {
            ignore_changes = [parameter]
          }
        }
        resource "aws_db_instance" "this" {
          lifecycle {
            ignore_changes = [performance_insights_enabled, performance_insights_kms_key_id]
          }
        }
        """,
    ]

    private static let script = #"""
        import signal, socket, time, urllib.request
        root = "deploy/terraform/prod"
        write({"hauban.yaml": inputs["platform"], "api/main.go": ""})
        def hauban(*words):
            return subprocess.run([inputs["hauban"], *words], env=environment, capture_output=True, text=True)
        rendered = hauban("render", "terraform")
        if rendered.returncode: raise SystemExit(rendered.stdout + rendered.stderr)
        write({root + "/_override.tf": 'terraform {\n  backend "local" {}\n}\nprovider "aws" {\n  max_retries = 2\n'
               '  skip_credentials_validation = true\n  skip_metadata_api_check = true\n  s3_use_path_style = true\n}\n'})
        write({"deploy/terraform/modules/" + name + "/moto_override.tf": text for name, text in inputs["forgotten"].items()})
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        address = "http://127.0.0.1:%d" % port
        environment.update(AWS_ENDPOINT_URL=address, AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test",
                           AWS_DEFAULT_REGION="eu-west-1", TF_CLI_ARGS="-no-color")
        server = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
                                  env=dict(environment, MOTO_IAM_LOAD_MANAGED_POLICIES="true"),
                                  stdout=open("moto.log", "w"), stderr=subprocess.STDOUT)
        environment["HOME"] = os.path.abspath(".")
        def step(what, run, codes=(0,)):
            if run.returncode not in codes:
                raise SystemExit("%s: %d\n%s%s" % (what, run.returncode, run.stdout[-6000:], run.stderr[-6000:]))
            return run
        try:
            end = time.time() + 60
            while True:
                try:
                    urllib.request.urlopen(address + "/moto-api/", timeout=5)
                    break
                except OSError:
                    if time.time() > end or server.poll() is not None: raise SystemExit(open("moto.log").read())
                    time.sleep(0.2)
            import boto3
            client = lambda name: boto3.client(name, endpoint_url=address, region_name="eu-west-1",
                                               aws_access_key_id="test", aws_secret_access_key="test")
            client("route53").create_hosted_zone(Name="shop.example", CallerReference="1")
            step("init", terraform(root, "init", "-input=false"))
            step("validate", terraform(root, "validate"))
            begun = time.time()
            step("apply", terraform(root, "apply", "-input=false", "-auto-approve", "-parallelism=30", "-var", "release=1"))
            print("applied in", round(time.time() - begun), "s", file=sys.stderr)
            again = step("plan", terraform(root, "plan", "-input=false", "-detailed-exitcode", "-parallelism=30",
                                           "-var", "release=1"), (0, 2))
            if again.returncode: raise SystemExit("the second plan is not empty\n" + again.stdout[-8000:])
            step("drift", hauban("drift", "prod"))
            state = json.loads(step("show", terraform(root, "show", "-json")).stdout)
            def addresses(module):
                return [r["address"] for r in module.get("resources", []) if r["mode"] == "managed"] + [
                    a for m in module.get("child_modules", []) for a in addresses(m)]
            # Behind Terraform's back: a queue that forgets after a minute, and a secret that is removed.
            sqs = client("sqs")
            queue = [u for u in sqs.list_queues()["QueueUrls"] if u.endswith("orders-worker")][0]
            sqs.set_queue_attributes(QueueUrl=queue, Attributes={
                **{k: v for k, v in sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"].items()
                   if k in ("Policy", "RedrivePolicy")}, "MessageRetentionPeriod": "60"})
            client("secretsmanager").delete_secret(SecretId="shop/prod/stripe-key", ForceDeleteWithoutRecovery=True)
            drifted = step("drift", hauban("drift", "prod", "--json"), (2,))
            print(json.dumps({"addresses": sorted(addresses(state["values"]["root_module"])), "drift": json.loads(drifted.stdout)}))
        finally:
            server.terminate()
            try: server.wait(10)
            except subprocess.TimeoutExpired: server.kill()
        """#

    @Test("what is applied needs no change, and what is changed behind Terraform's back is found by its address")
    func appliesAndDrifts() throws {
        let said = try TerraformJudge.run(
            Self.script,
            [
                "platform": .text(Self.platform), "hauban": .text(PlatformFixture.binary),
                "forgotten": .object(
                    Self.forgotten.sorted { $0.key < $1.key }.map { JSONTree.Member($0.key, .text($0.value)) }),
            ])
        let seen = try #require(JSONTree(parsing: Array(said.utf8)))
        let addresses = Set(seen["addresses"]?.items.compactMap(\.string) ?? [])
        for wanted in [
            "module.service_api.aws_ecs_service.this", "module.edge.aws_lb.this",
            "module.postgres_db.aws_db_instance.this",
            "module.bucket_uploads.aws_s3_bucket.this", "module.topic_orders.aws_sns_topic.this",
            "module.schedule_clock.aws_scheduler_schedule.this", "module.image_api.aws_ecr_repository.this",
            "module.objective_api.aws_cloudwatch_metric_alarm.latency[\"p95\"]", "module.network.aws_vpc.this",
            "aws_cloudwatch_metric_alarm.backlog", "module.dashboard.aws_cloudwatch_dashboard.this",
        ] { #expect(addresses.contains(wanted), "\(wanted)") }
        #expect(addresses.count > 100)
        // What hangs on the lost secret waits to be applied again.
        let drift = (seen["drift"]?.items ?? []).filter { $0["kind"]?.string != "pending" }
        #expect(
            drift.map { "\($0["address"]?.string ?? "") \($0["kind"]?.string ?? "")" } == [
                "module.secret_stripe_key.aws_secretsmanager_secret.this gone",
                "module.topic_orders.aws_sqs_queue.this[\"worker\"] altered",
            ])
        #expect(drift.last?["attributes"]?.items.compactMap(\.string).contains("message_retention_seconds") == true)
    }
}
