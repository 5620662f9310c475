/// What can be wrong with the file itself.
extension DiagnosticPage {
    static let notUTF8 = DiagnosticPage(
        "The file is not UTF-8 text",
        "hauban.yaml is UTF-8 (YAML 1.2.2, section 5.2, demands a Unicode encoding, and one encoding "
            + "keeps every place of a finding exact). An editor that saves Latin-1 or UTF-16 writes bytes that "
            + "are none. Save the file as UTF-8.",
        wrong: #"about: caf\xE9 # the byte E9 of Latin-1"#,
        mended: "about: café",
        wrongBytes: Array("hauban: 1\nplatform: shop\nabout: caf".utf8) + [0xE9, 0x0A])

    static let fileTooLarge = DiagnosticPage(
        "The file is larger than any platform needs",
        "A platform of 500 services takes about 200 kB; the reader stops at 4 MiB, so that a wrong file "
            + "named by accident does not take the machine's memory. Keep data in files of their own and name "
            + "them from hauban.yaml.",
        wrong: "about: a text of more than four mebibytes",
        mended: "about: one sentence",
        wrongBytes: Array("hauban: 1\nplatform: shop\nabout: ".utf8) + [UInt8](repeating: 0x61, count: 4 << 20))

    static let nestedTooDeep = DiagnosticPage(
        "Values are nested deeper than the language goes",
        "No key of the language lies deeper than ten levels. A file nested a hundred levels deep is "
            + "damaged or hostile, and reading it would use up the stack. Close the brackets that were left "
            + "open.",
        wrong: "about: [[[[ and so on, more than a hundred of them",
        mended: "about: one sentence",
        wrongBytes: Array("hauban: 1\nplatform: shop\nabout: ".utf8) + [UInt8](repeating: 0x5B, count: 200))

    static let emptyFile = DiagnosticPage(
        "The file holds nothing",
        "A platform has at least a format and a name. `hauban init` looks at the repository and writes a "
            + "first hauban.yaml.",
        wrong: "",
        mended: #"""
            hauban: 1
            platform: shop
            """#,
        isWhole: true)

    static let yamlSyntax = DiagnosticPage(
        "The file is not YAML",
        "The text cannot be read as YAML 1.2, so nothing else in it can be checked. The place is where "
            + "the reader had to give up; the mistake is there or shortly before: an unclosed quote or bracket, "
            + "a tab that indents, a key that starts in a different column than its neighbours.",
        wrong: #"""
            services:
              api: {source: services/api
            """#,
        mended: #"""
            services:
              api: {source: services/api}
            """#)

    static let yamlAlias = DiagnosticPage(
        "Anchors and aliases are not part of the language",
        "An alias has no text of its own, so that no finding could point at the value that it stands for, "
            + "and readers would have to jump. What environments share is written once in the base; what "
            + "differs is overridden by key under `environments`.",
        wrong: #"""
            services:
              api: &base {source: services/api}
              worker: *base
            """#,
        mended: #"""
            services:
              api: {source: services/api}
              worker: {source: services/api}
            """#)

    static let yamlTag = DiagnosticPage(
        "YAML tags are not part of the language",
        "Every key of the language has one type, so that a tag such as `!!str` or `!secret` says nothing "
            + "new. Quote the value where text is meant, and name secrets under `secrets`.",
        wrong: "about: !!str a shop",
        mended: #"about: "a shop""#)

    static let yamlKey = DiagnosticPage(
        "A key is not text",
        "YAML lets lists and maps be keys; the language has only words as keys.",
        wrong: #"""
            services:
              [api, web]: {source: services/api}
            """#,
        mended: #"""
            services:
              api: {source: services/api}
              web: {source: services/web}
            """#)

    static let duplicateKey = DiagnosticPage(
        "A key stands twice in one map",
        "YAML forbids it (YAML 1.2.2, section 3.2.1.3) and tools that take the last one drop the first "
            + "silently. Keep one of the two, or join what stands below them.",
        wrong: #"""
            services:
              api: {source: services/api}
            services:
              web: {source: services/web}
            """#,
        mended: #"""
            services:
              api: {source: services/api}
              web: {source: services/web}
            """#)
}
