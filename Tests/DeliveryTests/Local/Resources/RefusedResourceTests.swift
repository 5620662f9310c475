import Delivery
import Spec
import Testing
import World

@Suite("Resources that a machine does not offer")
struct RefusedResourceTests {
    @Test("a bucket and a topic are refused with what to write instead", arguments: RefusedResource.allCases)
    func refused(kind: RefusedResource) throws {
        let error = kind.error(
            try #require(ResourceName("uploads")), environment: try #require(EnvironmentName("dev")))
        #expect(error.code == "resource-not-local")
        #expect(error.operation.contains(kind.rawValue))
        #expect(error.hint.contains("environments.dev.resources.uploads: null"))
    }
}
