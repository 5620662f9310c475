import Spec
import TestKit
import Testing

@testable import Planning

@Suite("What a deploy to containers does not do")
struct DeployGapsTests {
    @Test("each thing that is written and not done is told, where containers run and nowhere else")
    func told() throws {
        let subject = try RenderedExample.subject("personal-assistant")
        func clauses(_ text: String) throws -> [String] {
            let name = try #require(EnvironmentName(text))
            let place = try #require(subject.everywhere.first { $0.name == name })
            return DeployGaps.clauses(of: place.platform, in: name)
        }
        #expect(try clauses("laptop") == [])
        let dev = try clauses("dev")
        #expect(dev.contains { $0.hasPrefix("requests to api, oauth-manager, sms are not looked into") })
        #expect(dev.contains { $0.hasPrefix("agent, oauth-manager, sms, worker may reach any host outside") })
        #expect(dev.contains { $0.contains("`encrypt`") } && dev.contains { $0.contains("`open-ports`") })
        #expect(!dev.contains { $0.contains("`backup`") }, "`dev` says that no copies are made")
        let prod = try clauses("prod")
        #expect(prod.contains { $0.hasPrefix("no copies are made of cache, db, oauth-db") })
        #expect(!prod.contains { $0.contains("`open-ports`") })
    }
}
