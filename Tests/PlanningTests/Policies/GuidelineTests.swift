import Foundation
import Planning
import Spec
import TestKit
import Testing

/// The guidelines, each judged by its own two examples.
@Suite struct GuidelineTests {
    /// What the guidelines and, for a platform, the rules say of an example.
    static func said(of text: String, _ guideline: Guideline) throws -> [Diagnostic] {
        let today = try #require(BadPlatform.today)
        guard guideline.subject == .platform else {
            return Guidelines.judge(RepositoryFiles([guideline.subject.rawValue: text + "\n"]))
        }
        let parsed = ParsedPlatform.parse(text: "hauban: 1\nplatform: shop\n" + text + "\n", name: "hauban.yaml")
        var judgement = Policies.judge(parsed, today: today)
        judgement.add(Guidelines.judge(parsed, today: today))
        return judgement.diagnostics
    }

    @Test("the bad example is faulted by exactly this guideline, at a place", arguments: Guidelines.all.map(\.id))
    func bad(_ id: String) throws {
        let guideline = try #require(Guidelines.named(id))
        let good = Set(try Self.said(of: guideline.good, guideline).map(\.code))
        let found = try Self.said(of: guideline.bad, guideline)
        #expect(Set(found.map(\.code)).subtracting(good) == [id])
        let own = found.filter { $0.code == id }
        #expect(own.allSatisfy { $0.span != nil && $0.rule == guideline.rule && $0.help != nil })
        #expect(own.allSatisfy { $0.file == (guideline.subject == .platform ? nil : guideline.subject.rawValue) })
    }

    @Test("the good example is not faulted, and is right", arguments: Guidelines.all.map(\.id))
    func good(_ id: String) throws {
        let guideline = try #require(Guidelines.named(id))
        for text in [guideline.good, guideline.bad] {
            let errors = try Self.said(of: text, guideline).filter { $0.rule == nil }
            #expect(errors.isEmpty, "\(errors.map(\.message))")
        }
        #expect(try !Self.said(of: guideline.good, guideline).map(\.code).contains(id))
    }

    @Test("each guideline has a reason, a mend, a requirement and levels that do not fall towards production")
    func whole() {
        for guideline in Guidelines.all {
            #expect(!guideline.title.isEmpty && !guideline.title.hasSuffix("."), "\(guideline.id)")
            #expect(guideline.reason.hasSuffix(".") && guideline.fix.hasSuffix("."), "\(guideline.id)")
            #expect(!guideline.serves.isEmpty, "\(guideline.id)")
            for requirement in guideline.serves {
                #expect(requirement.wholeMatch(of: /(SF|PA|CE|CS|IP)-[0-9.]+/) != nil, "\(guideline.id)")
            }
            let levels = Environment.Purpose.allCases.sorted().map { guideline.levels[$0] }
            #expect(levels.last != .some(nil), "\(guideline.id) is silent in production")
            for (lower, higher) in zip(levels, levels.dropFirst()) {
                guard let lower else { continue }
                #expect(higher.map { $0 <= lower } == true, "\(guideline.id)")
            }
        }
    }

    @Test("ids are names, stand once and in order, and none is a diagnostic's")
    func ids() {
        let ids = Guidelines.all.map(\.id)
        #expect(ids == ids.sorted() && Set(ids).count == ids.count)
        for id in ids {
            #expect(PlainName(id) != nil, "\(id)")
            #expect(DiagnosticID(rawValue: id) == nil, "\(id)")
        }
    }

    @Test("docs/policies.md holds each of them")
    func documented() {
        Golden.expect(
            GuidelineCatalogue.markdown, in: Golden.repository().appending(path: "docs/policies.md"))
    }
}
