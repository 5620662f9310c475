import ControlPlane
import Testing
import World

@Suite("Problem details")
struct ProblemTests {
    @Test("a problem is answered as RFC 9457 has it")
    func answer() throws {
        let problem = Problem(
            "out-of-credit", status: 403, title: "You do not have enough credit.", detail: "It costs 50 \"units\".",
            instance: "/account/12345/msgs/abc",
            members: [.init("balance", .number("30")), .init("status", .number("200"))], fields: ["X-One": "1"])
        let answer = problem.answer
        #expect(answer.status == 403)
        guard case .bytes(let bytes, let type) = answer.body else {
            Issue.record("no body")
            return
        }
        #expect(type == "application/problem+json")
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"type":"urn:hauban:problem:out-of-credit","title":"You do not have enough credit.","status":403,"#
                + #""detail":"It costs 50 \"units\".","instance":"/account/12345/msgs/abc","balance":30}"#)
        #expect(answer.fields.map { "\($0.0): \($0.1)" } == ["X-One: 1"])
    }

    @Test("the usual ones carry their status, and when to come again")
    func usual() {
        #expect(Problem.notFound("x").status == 404)
        #expect(Problem.conflict("x").status == 409)
        #expect(Problem.invalid("name", "x").json["member"]?.string == "name")
        #expect(Problem.tryLater("x", seconds: 7).answer.fields.map { "\($0.0): \($0.1)" } == ["Retry-After: 7"])
    }
}
