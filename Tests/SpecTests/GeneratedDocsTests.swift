import Foundation
import Spec
import Testing
import TestKit

@Suite("Generated documents")
struct GeneratedDocsTests {
    private var docs: URL { Golden.repository().appending(path: "docs") }

    @Test("docs/reference.md is what the parser describes")
    func reference() {
        Golden.expect(Reference.markdown(), in: docs.appending(path: "reference.md"))
    }

    @Test("docs/hauban.schema.json is what the parser describes")
    func schema() {
        Golden.expect(JSONSchema.document(), in: docs.appending(path: "hauban.schema.json"))
    }

    @Test("docs/diagnostics.md holds the page of each id")
    func diagnostics() {
        Golden.expect(DiagnosticCatalogue.markdown, in: docs.appending(path: "diagnostics.md"))
    }

    @Test("the reference names every record and every key")
    func complete() {
        let text = Reference.markdown()
        for record in Platform.schemaBook.records {
            #expect(text.contains("### \(record.name)\n"))
            for field in record.fields { #expect(text.contains("| `\(field.key)` |"), "\(record.name).\(field.key)") }
        }
    }
}
