import Spec
import Testing

@Suite("Pages of diagnostics")
struct DiagnosticPageTests {
    private func findings(_ bytes: [UInt8]) -> [Diagnostic] {
        ParsedPlatform.parse(bytes: bytes, name: "hauban.yaml").diagnostics
    }

    @Test("the wrong example has the finding", arguments: DiagnosticID.allCases.filter { !$0.isFoundByPolicy })
    func wrong(id: DiagnosticID) {
        let found = findings(id.page.wrongFile)
        #expect(found.contains { $0.id == id }, "found \(found.map(\.id.rawValue))")
    }

    @Test(
        "the wrong example of a policy's finding is a platform",
        arguments: DiagnosticID.allCases.filter(\.isFoundByPolicy))
    func wrongPlatform(id: DiagnosticID) {
        let found = findings(id.page.wrongFile)
        #expect(found.isEmpty, "found \(found.map(\.message))")
    }

    @Test("the mended example has no finding", arguments: DiagnosticID.allCases)
    func mended(id: DiagnosticID) {
        let found = findings(id.page.mendedFile)
        #expect(found.isEmpty, "found \(found.map(\.message))")
    }

    @Test("a page says why in whole sentences", arguments: DiagnosticID.allCases)
    func prose(id: DiagnosticID) {
        let page = id.page
        #expect(!page.title.isEmpty && !page.title.hasSuffix("."))
        #expect(
            page.why.hasSuffix(".") && page.why.first?.isUppercase == true || page.why.hasPrefix("`")
                || page.why.hasPrefix("hauban.yaml"))
        #expect(page.wrong != page.mended)
        #expect(page.text.split(separator: "\n").allSatisfy { $0.count <= 120 })
    }

    @Test("titles and ids are told apart")
    func distinct() {
        let titles = Set(DiagnosticID.allCases.map(\.page.title))
        #expect(titles.count == DiagnosticID.allCases.count)
        for id in DiagnosticID.allCases {
            #expect(id.rawValue.allSatisfy { $0.isLowercase || $0 == "-" || $0.isNumber })
        }
    }
}
