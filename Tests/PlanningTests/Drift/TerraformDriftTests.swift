import Spec
import Testing

@testable import Planning

@Suite("Drift of a root of Terraform")
struct TerraformDriftTests {
    private static func resource(
        _ address: String, _ actions: String, before: String = "null", after: String = "null", unknown: String = "{}",
        replace: String = "null", mode: String = "managed"
    ) -> String {
        #"{"address":"\#(address)","mode":"\#(mode)","change":{"actions":[\#(actions)],"before":\#(before),"after":\#(after),"after_unknown":\#(unknown),"replace_paths":\#(replace)}}"#
    }

    private static func read(
        drift: [String] = [], changes: [String], version: String = "1.2", extra: String = ""
    ) -> Result<TerraformDrift, TerraformDrift.Unreadable> {
        let text =
            #"{"format_version":"\#(version)",\#(extra)"resource_drift":[\#(drift.joined(separator: ","))],"#
            + #""resource_changes":[\#(changes.joined(separator: ","))]}"#
        return TerraformDrift.read(Array(text.utf8))
    }

    @Test("what was changed or removed outside is told apart from what was written and not applied")
    func kinds() throws {
        let queue = #"module.topic_orders.aws_sqs_queue.this[\"worker\"]"#
        let seen = try Self.read(
            drift: [
                Self.resource(
                    queue, #""update""#, before: #"{"delay_seconds":0,"name":"q","url":1.5}"#,
                    after: #"{"delay_seconds":900,"name":"q","url":1.5,"fresh":true}"#),
                Self.resource("aws_s3_bucket.old", #""delete""#, before: #"{"bucket":"b"}"#),
                Self.resource("aws_lb.left", #""update""#, before: #"{"a":1}"#, after: #"{"a":2}"#),
                // What a provider filled in by itself, of something that changes for another reason.
                Self.resource(
                    "aws_ecs.follows", #""update""#, before: #"{"tags":null,"task":"a","zone":null}"#,
                    after: #"{"tags":{},"task":"b","zone":"x"}"#),
                Self.resource(
                    "aws_ecs.anew", #""update""#, before: #"{"volume":[],"task":"a"}"#,
                    after: #"{"volume":[1],"task":"a"}"#),
            ],
            changes: [
                Self.resource(queue, #""update""#, before: #"{"delay_seconds":900}"#, after: #"{"delay_seconds":0}"#),
                Self.resource("aws_s3_bucket.old", #""create""#, after: #"{"bucket":"b"}"#),
                Self.resource("aws_lb.left", #""no-op""#, before: #"{"a":2}"#, after: #"{"a":2}"#),
                Self.resource("aws_a.written", #""update""#, before: #"{"x":1,"y":1}"#, after: #"{"x":2,"y":1}"#),
                Self.resource(
                    "aws_b.replaced", #""delete","create""#, before: #"{"x":1}"#, after: #"{"x":2}"#,
                    replace: #"[["x"]]"#),
                Self.resource(
                    "aws_ecs.follows", #""update""#, before: #"{"tags":{},"task":"b","size":1}"#,
                    after: #"{"tags":null,"size":2}"#, unknown: #"{"task":true}"#),
                Self.resource(
                    "aws_ecs.anew", #""delete","create""#, before: #"{"volume":[1],"task":"a"}"#,
                    after: #"{"volume":[]}"#, unknown: #"{"task":true}"#, replace: #"[["task"]]"#),
                Self.resource("data.aws_c.asked", #""read""#, mode: "data"),
            ]
        ).get()
        typealias Finding = TerraformDrift.Finding
        #expect(
            seen.findings == [
                Finding(address: "aws_a.written", kind: .pending, attributes: ["x"]),
                Finding(address: "aws_b.replaced", kind: .pending, attributes: ["x"]),
                Finding(address: "aws_ecs.anew", kind: .pending, attributes: []),
                Finding(address: "aws_ecs.follows", kind: .pending, attributes: ["size"]),
                Finding(address: "aws_s3_bucket.old", kind: .gone, attributes: []),
                Finding(
                    address: #"module.topic_orders.aws_sqs_queue.this["worker"]"#, kind: .altered,
                    attributes: ["delay_seconds"]),
            ])
        #expect(seen.drift.map(\.kind) == [.gone, .altered])
    }

    @Test("what hangs on something that is gone stands below it, over variables, outputs and data of modules")
    func hanging() throws {
        let configuration = """
            "configuration":{"root_module":{
             "resources":[
              {"address":"aws_dash.all","mode":"managed","expressions":{"body":{"references":["local.text"]}}},
              {"address":"aws_iam.reader","mode":"managed","expressions":{"rule":[{"who":{"references":["module.secret.arn","module.secret"]}}]}}],
             "module_calls":{
              "secret":{"module":{
               "resources":[
                {"address":"aws_secret.this","mode":"managed"},
                {"address":"aws_version.this","mode":"managed","expressions":{"secret_id":{"references":["aws_secret.this.id","aws_secret.this"]}}}],
               "outputs":{"arn":{"expression":{"references":["aws_secret.this.arn","aws_secret.this"]}}}}},
              "api":{"expressions":{"secrets":{"references":["module.secret.arn","module.secret"]}},"module":{
               "resources":[
                {"address":"data.aws_policy.read","mode":"data","expressions":{"statement":[{"resources":{"references":["var.secrets"]}}]}},
                {"address":"aws_role.this","mode":"managed","for_each_expression":{"references":["data.aws_policy.read.json"]}},
                {"address":"aws_queue.this","mode":"managed","expressions":{"name":{"constant_value":"q"}}}]}}}}},
            """
        func pending(_ address: String) -> String {
            Self.resource(address, #""update""#, before: #"{"x":1}"#, after: #"{"x":2}"#)
        }
        let lost = "module.secret.aws_secret.this[0]"
        let role = #"module.api.aws_role.this[\"a.b]\"]"#
        let seen = try Self.read(
            drift: [Self.resource(lost, #""delete""#, before: #"{"x":1}"#)],
            changes: [
                Self.resource(lost, #""create""#, after: #"{"x":1}"#), pending("module.secret.aws_version.this"),
                pending(role), pending("module.api.aws_queue.this"), pending("aws_iam.reader"), pending("aws_dash.all"),
            ], extra: configuration
        ).get()
        #expect(
            seen.leading.map(\.address) == [
                "aws_dash.all", "module.api.aws_queue.this", "module.secret.aws_secret.this[0]",
            ])
        #expect(
            seen.hanging(on: seen.leading[2]).map(\.address) == [
                "aws_iam.reader", #"module.api.aws_role.this["a.b]"]"#, "module.secret.aws_version.this",
            ])
        #expect(seen.drift.map(\.address) == [lost])
    }

    @Test("what is no plan, of another format, or broken off is refused")
    func refused() {
        #expect(TerraformDrift.read(Array("".utf8)) == .failure(.notAPlan))
        #expect(TerraformDrift.read(Array(#"{"format_version":"1.0"}"#.utf8)) == .failure(.notAPlan))
        #expect(Self.read(changes: [], version: "2.0") == .failure(.version("2.0")))
        #expect(Self.read(changes: [], extra: #""errored":true,"#) == .failure(.failed))
        #expect(Self.read(changes: []) == .success(TerraformDrift(findings: [])))
    }

    @Test("JSON is read as it is written, and nothing else is JSON")
    func json() throws {
        let text = #" {"a\n\u00e9\ud83d\ude00\u003c": [1, -2.50, true, null, "\\\"\/", {}, []], "a": 1, "a": 2} "#
        let tree = try #require(JSONTree(parsing: Array(text.utf8)))
        #expect(
            tree["a\né😀<"]?.items == [
                .number(1), .verbatim("-2.50"), .bool(true), .null, .text(#"\"/"#), [:], .list([]),
            ])
        #expect(tree["a"] == .number(2))
        for wrong in [
            "", "{", "[1,]", "[1 2]", #"{"a"}"#, #"{"a":}"#, "01x", "+1", "nul", #""\x""#, #""\ud83d""#, "\"a\nb\"",
            "1 1", "inf",
            String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
        ] { #expect(JSONTree(parsing: Array(wrong.utf8)) == nil, "\(wrong)") }
        #expect(JSONTree(parsing: [0x22, 0xFF, 0x22]) == nil)
    }
}
