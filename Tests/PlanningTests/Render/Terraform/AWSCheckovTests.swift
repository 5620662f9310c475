import Foundation
import Spec
import TestKit
import Testing

@testable import Planning

@Suite("Terraform for AWS, as checkov sees it")
struct AWSCheckovTests {
    /// What checkov finds and stays as it is, with the reason.
    static let waived: [String: String] = [
        "CKV2_AWS_28": "a firewall costs by the request: it is there where `rate` or `filter` asks for one",
        "CKV_AWS_68": "files that anybody may read are not worth a firewall",
        "CKV2_AWS_47": "files run no Java",
        "CKV_AWS_86": "who read a static file is not kept",
        "CKV_AWS_310": "the files have one origin, a bucket of S3",
        "CKV_AWS_374": "the readers are not of one country",
        "CKV_AWS_259": "a place on the browsers' own list cannot be taken back: the domain's owner decides on that",
        "CKV2_AWS_5": "checkov does not follow the group into the network configuration of a service",
        "CKV2_AWS_57": "only who gave out a key can renew it: `rotate` is a tag that `hauban` reads",
        "CKV2_AWS_62": "nobody listens to a bucket's events",
        "CKV_AWS_18": "access to buckets stands in CloudTrail, and the edge's log cannot log itself",
        "CKV_AWS_144": "a second copy lies in another region where `backup.region` asks for it",
        "CKV_AWS_145": "CloudFront and load balancers use buckets with S3's own key alone",
        "CKV_AWS_21": "a log of requests is never overwritten",
        "CKV_AWS_300": "the rule of unfinished uploads is there, beside others that checkov wants it in as well",
        "CKV_AWS_109": "a key's policy names its own key by `*`",
        "CKV_AWS_111": "a key's policy names its own key by `*`",
        "CKV_AWS_356":
            "a key's policy names its own key by `*`; what the deployer may change beyond names is bounded by tags",
        "CKV_AWS_161": "services open a database with a role and a password of their own",
        "CKV_AWS_31": "a password of ElastiCache would stand in Terraform's state: the network and TLS guard it",
        "CKV_AWS_260": "port 80 answers with the address over https",
        "CKV_AWS_378": "TLS ends at the load balancer; what is behind it is private",
        "CKV_AWS_394": "local zones are filtered out, and what comes first does not change when AWS adds one",
        "CKV_AWS_157": "a second server stands where `standby` asks for one",
        "CKV_AWS_133": "there are no copies where `backup` is taken away",
        "CKV2_AWS_50": "a cache has a second server where `standby` asks for one",
        "CKV_AWS_192": "the group of known bad inputs is there, in a dynamic block that checkov does not read",
        "CKV_AWS_338": "logs stay as long as `telemetry.logs-keep` says",
    ]

    @Test("checkov finds nothing but what was waived, and nothing is waived for nothing")
    func findings() throws {
        var platforms: [JSONTree.Member] = []
        for name in AWSExample.names {
            let artifacts = TerraformRenderer().render(try AWSExample.subject(name)).artifacts
            platforms.append(JSONTree.Member(name, TerraformJudge.tree(artifacts)))
        }
        let said = try TerraformJudge.run(
            """
            write({"all/" + name + "/" + path: text for name, files in inputs["platforms"].items() for path, text in files.items()})
            tool = os.path.join(os.path.dirname(os.path.dirname(sys.executable)), "checkov", "bin", "checkov")
            run = subprocess.run([tool, "-d", "all", "--framework", "terraform", "--compact", "--quiet", "-o", "json"],
                                 capture_output=True, text=True, env=dict(environment, LOG_LEVEL="ERROR"))
            report = json.loads(run.stdout)
            if report["summary"]["parsing_errors"] or report["summary"]["passed"] < 500: print("unread:", report["summary"])
            seen = {}
            for finding in report["results"]["failed_checks"]:
                seen.setdefault(finding["check_id"], finding["check_name"] + ": " + finding["file_path"] + " " + finding["resource"])
            print("\\n".join(sorted(key + " " + text for key, text in seen.items())))
            """, ["platforms": .object(platforms)])
        let found = said.split(separator: "\n").map(String.init)
        let rules = Set(found.compactMap { $0.split(separator: " ").first.map(String.init) })
        #expect(found.filter { line in !Self.waived.keys.contains { line.hasPrefix($0 + " ") } } == [])
        #expect(Set(Self.waived.keys).subtracting(rules) == [])
    }
}
