import ControlPlane
import Foundation
import Response
import Spec
import Testing

/// Every page in Chromium: axe finds nothing, nothing is asked for elsewhere, no script fails.
@Suite("The console in a browser", .serialized)
struct ConsoleAccessibilityTests {
    /// Every page of the console, with a name for its picture.
    static let pages: [(name: String, path: String)] = [
        ("overview", "/"), ("incidents", "/incidents?state=all"), ("incident", "/incidents/i3"),
        ("incident-acknowledged", "/incidents/i4"), ("incident-resolved", "/incidents/i2"),
        ("incident-new", "/incidents/new"), ("postmortem", "/incidents/i2/postmortem"), ("alerts", "/alerts"),
        ("alerts-refused", "/alerts?q=a%3D~%28"), ("alert", "/alerts/\(alert)"),
        ("on-call-month", "/on-call/primary"), ("on-call-week", "/on-call/primary?view=week"),
        ("on-call-gaps", "/on-call/office"), ("releases", "/releases"), ("figures", "/figures"),
        ("silences", "/silences"),
        ("silence-new", "/silences/new?matchers=team%3Ddb"), ("maintenance", "/maintenance"),
        ("maintenance-new", "/maintenance/new"), ("integrations", "/integrations"), ("people", "/people"),
        ("person", "/people/ben"), ("audit", "/audit"), ("account", "/account"), ("not-found", "/incidents/i999"),
    ]
    static let gates: [(name: String, path: String)] = [
        ("sign-in", "/sign-in"), ("set-up", "/set-up?token=abc"), ("invitation", "/invitation?token=abc"),
    ]

    private static var alert: String {
        LabelSet(["alertname": "SlowQueries", "severity": "low", "service": "billing", "team": "db"]).fingerprint
            .description
    }

    /// axe-core lies in the tests' Python packages.
    static func axe() throws -> String {
        let python = try #require(
            ProcessInfo.processInfo.environment["HAUBAN_TEST_PYTHON"],
            "HAUBAN_TEST_PYTHON names the Python of the tests: run them with make test")
        let library = URL(fileURLWithPath: python).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("lib")
        let versions = try FileManager.default.contentsOfDirectory(atPath: library.path)
        for version in versions {
            let path = library.appendingPathComponent("\(version)/site-packages/axe_playwright_python/axe.min.js")
            if let text = try? String(contentsOf: path, encoding: .utf8) { return text }
        }
        throw PlainClient.Broken(description: "axe.min.js is not in \(library.path): run make venv")
    }

    @Test("axe finds nothing on any page, in both themes and languages, on a phone and on a desk")
    func axeFindsNothing() async throws {
        let server = try ConsoleServer(try .afternoon())
        defer { server.stop() }
        let gate = try ConsoleServer(try .afternoon(), role: nil)
        defer { gate.stop() }
        let axe = try Self.axe()
        let urls = (server.url, gate.url)
        // A browser for each language: one has one thread for all that it shows.
        async let english = Chromium.drive { try Self.judge($0, .english, urls, axe) }
        async let french = Chromium.drive { try Self.judge($0, .french, urls, axe) }
        let found = try await english + french
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    private static func judge(
        _ browser: Chromium, _ language: Language, _ urls: (String, String), _ axe: String
    ) throws -> [String] {
        // Where to put the pictures, for somebody who wants to look.
        let pictures = ProcessInfo.processInfo.environment["HAUBAN_PICTURES"]
        var found: [String] = []
        var took: [String: Duration] = [:]
        func timed<Result>(_ what: String, _ body: () throws -> Result) rethrows -> Result {
            let start = ContinuousClock.now
            defer { took[what, default: .zero] += .now - start }
            return try body()
        }
        let tab = try browser.tab()
        let all = pages.map { ($0.name, urls.0 + $0.path) } + gates.map { ($0.name, urls.1 + $0.path) }
        for url in [urls.0, urls.1] { try tab.cookie("hauban_language", language.rawValue, url) }
        try tab.prefer("light")
        try tab.resize(1280, 900)
        for (name, url) in all {
            try timed("opening") { try tab.open(url) }
            _ = try timed("loading axe") { try tab.evaluate(axe + ";0") }
            // Back and forth, so that each change of size or theme is made once. Colours cost most of it, and depend on the
            // theme only.
            for (size, schemes) in [("desk", ["light", "dark"]), ("phone", ["dark", "light"])] {
                let isPhone = size == "phone"
                try timed("resizing") {
                    try tab.resize(isPhone ? 390 : 1280, isPhone ? 844 : 900, isPhone: isPhone, isFine: pictures != nil)
                }
                for scheme in schemes {
                    try timed("resizing") { try tab.prefer(scheme) }
                    let place = "\(name) \(language.rawValue) \(size) \(scheme)"
                    let (what, rules) =
                        switch (size, scheme) {
                        case ("desk", "light"): ("everything", everything)
                        case ("phone", "light"): ("layout", layout)
                        default: ("colours", colours)
                        }
                    found += try timed(what) { try violations(tab, rules).map { "\(place): \($0)" } }
                    if isPhone, scheme == "dark" {
                        let wide = try tab.text(overflow)
                        if !wide.isEmpty { found.append("\(place): wider than the screen: \(wide)") }
                    }
                    if let pictures {
                        try tab.shoot("\(pictures)/\(name)-\(language.rawValue)-\(size)-\(scheme).png")
                    }
                }
            }
            try timed("resizing") { try tab.resize(1280, 900) }
            found += troubles(browser, [urls.0, urls.1]).map { "\(name) \(language.rawValue): \($0)" }
        }
        let times = took.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.milliseconds) ms" }
        print("console: \(all.count) pages in Chromium, \(language.rawValue): \(times.joined(separator: ", "))")
        return found
    }

    /// WCAG 2.2 AA and good practice.
    private static let tags =
        "{type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}"
    private static let everything = "runOnly: \(tags)"
    /// What depends on the size of the screen, colours apart.
    private static let layout =
        "runOnly: {type: 'rule', values: ['target-size', 'scrollable-region-focusable', 'region', 'bypass', 'label', "
        + "'select-name', 'button-name', 'link-name', 'aria-hidden-focus', 'heading-order', 'page-has-heading-one', "
        + "'landmark-unique', 'landmark-one-main', 'list', 'listitem', 'definition-list', 'dlitem', 'nested-interactive']}"
    private static let colours = "runOnly: {type: 'rule', values: ['color-contrast']}"

    /// What axe says.
    private static func violations(_ tab: Chromium.Tab, _ rules: String) throws -> [String] {
        let script = """
            axe.run(document, {\(rules), resultTypes: ['violations'], iframes: false, preload: false}).then((result) => JSON.stringify(
            result.violations.flatMap((rule) => rule.nodes.map((node) =>
            rule.id + ': ' + node.target.join(' ') + ': ' + node.failureSummary.replace(/\\n */g, ' ')))))
            """
        let bytes = Data(try tab.text(script).utf8)
        return try JSONDecoder().decode([String].self, from: bytes)
    }

    private static let overflow = """
        document.documentElement.scrollWidth <= innerWidth ? '' : [...document.querySelectorAll('main *')]
        .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.table, .chart, pre'))
        .map((e) => e.tagName + '.' + e.className).slice(0, 5).join(' ') || 'the page'
        """

    /// Requests that went elsewhere, and what the browser complained of.
    private static func troubles(_ browser: Chromium, _ ours: [String]) -> [String] {
        browser.events.compactMap { event in
            switch event.method {
            case "Network.requestWillBeSent":
                let url = (event.parameters["request"] as? [String: Any])?["url"] as? String ?? ""
                return ours.contains { url.hasPrefix($0) } || url.hasPrefix("data:") ? nil : "asked for \(url)"
            case "Runtime.exceptionThrown": return "\(event.parameters)"
            case "Log.entryAdded":
                let entry = event.parameters["entry"] as? [String: Any]
                let text = entry?["text"] as? String ?? ""
                // The status of a page that is meant to have it.
                if text.contains("status of 4") { return nil }
                return (entry?["level"] as? String) == "error" ? text : nil
            default: return nil
            }
        }
    }
}
