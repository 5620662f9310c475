import ControlPlane
import Foundation
import Response
import Spec
import Testing

/// What people do in a browser: with scripts and without, with the keyboard, while things happen.
@Suite("Using the console in a browser", .serialized)
struct ConsoleFlowTests {
    @Test("a page is answered, a silence made and a shift taken without a single script")
    func withoutScripts() async throws {
        let server = try ConsoleServer(try .afternoon())
        defer { server.stop() }
        let url = server.url
        let seen = try await Chromium.drive { browser in
            let tab = try browser.tab()
            try tab.call("Emulation.setScriptExecutionDisabled", ["value": true])
            var seen: [String] = []
            try tab.open("\(url)/incidents/i3")
            try tab.leave("document.querySelector('form[action$=\"/i3/acknowledge\"] button').click()")
            seen.append(try tab.text("document.querySelector('.notice').textContent"))
            seen.append(try tab.text("location.pathname + location.search"))
            try tab.open("\(url)/silences/new")
            try tab.fill(["s-matchers": "service=\"worker\"", "s-for": "45m", "s-reason": "a deep breath"])
            try tab.leave("document.querySelector('[formaction]').click()")
            seen.append(try tab.text("document.querySelector('[role=status]').textContent"))
            seen.append(try tab.text("document.getElementById('s-reason').value"))
            try tab.leave("document.querySelector('main form button.main').click()")
            seen.append(try tab.text("document.querySelector('tbody .badge').textContent"))
            try tab.open("\(url)/on-call/primary")
            try tab.evaluate("document.querySelector('#override summary').click()")
            try tab.fill(["o-person": "flo"])
            try tab.leave("document.querySelector('#override button').click()")
            seen.append(
                try tab.text(
                    "[...document.querySelectorAll('#calendar .chip')].filter(c => c.textContent.includes('flo')).length > 0 ? 'flo' : ''"
                ))
            return seen
        }
        #expect(
            seen == [
                "You have acknowledged it.", "/incidents/i3?done=acknowledged", "1 alert of 6 that fire",
                "a deep breath",
                "Active", "flo",
            ])
        let responder = server.scenario.responder
        #expect(responder.incidents["i3"]?.status == .acknowledged && responder.incidents["i3"]?.assignee == "ana")
        #expect(responder.mutes.silences["new-1"]?.reason == "a deep breath")
        #expect(responder.overrides["primary"]?.contains { $0.person == "flo" } == true)
    }

    @Test("what happens is shown without a reload, and what somebody is writing is left alone")
    func live() async throws {
        let server = try ConsoleServer(try .afternoon())
        defer { server.stop() }
        let url = server.url
        let seen = try await Chromium.drive { browser in
            let tab = try browser.tab()
            var seen: [String] = []
            try tab.open("\(url)/incidents/i3")
            try tab.evaluate(
                "document.querySelector('#note summary').click(); document.querySelector('#pages-head ~ div summary').click(); window.isOurs = true"
            )
            try tab.evaluate("const t = document.getElementById('note-text'); t.focus(); t.value = 'half a sent'")
            try Self.listening(server)
            server.happen("incidents", .incident("i3", .acknowledge(), by: "chi"))
            try tab.wait("document.querySelector('#incident-top .badge.acknowledged')")
            seen.append(try tab.text("document.getElementById('note-text').value"))
            seen.append(try tab.text("document.activeElement.id"))
            seen.append(try tab.text("String(document.querySelectorAll('#incident-pages details[open]').length)"))
            seen.append(
                try tab.text(
                    "document.querySelector('#incident-timeline li:not(.day) p').textContent.includes('chi') || document.querySelector('#incident-timeline').textContent.includes('chi acknowledged it') ? 'chi' : ''"
                ))
            seen.append(try tab.text("String(window.isOurs)"))
            // The list hears of a new one, the row with the focus keeps it.
            try tab.open("\(url)/incidents")
            try tab.press("j")
            seen.append(try tab.text("document.activeElement.textContent"))
            try Self.listening(server)
            server.happen(
                "incidents",
                .open(title: "The lift is stuck", severity: .high, service: nil, policy: "primary", by: "ben"))
            try tab.wait("document.querySelector('#incident-list').textContent.includes('The lift is stuck')")
            seen.append(try tab.text("document.activeElement.textContent"))
            return seen
        }
        #expect(
            seen == [
                "half a sent", "note-text", "1", "chi", "true", "p99 of billing's queries is 900 ms",
                "p99 of billing's queries is 900 ms",
            ])
    }

    @Test("keys go where they say, and can be switched off")
    func keys() async throws {
        let server = try ConsoleServer(try .afternoon())
        defer { server.stop() }
        let url = server.url
        let seen = try await Chromium.drive { browser in
            let tab = try browser.tab()
            var seen: [String] = []
            try tab.open("\(url)/")
            try tab.press("g")
            try tab.press("a")
            try tab.wait("location.pathname === '/alerts' && document.readyState === 'complete'")
            try tab.press("/")
            seen.append(try tab.text("document.activeElement.id"))
            // In a field a key is a letter.
            try tab.press("j")
            seen.append(try tab.text("document.activeElement.value"))
            try tab.evaluate("document.activeElement.blur()")
            try tab.press("j")
            try tab.press("j")
            try tab.press("k")
            seen.append(try tab.text("document.activeElement.textContent"))
            try tab.press("?")
            seen.append(try tab.text("String(document.getElementById('keys').open)"))
            try tab.evaluate(
                "document.getElementById('keys-on').click(); document.querySelector('#keys form button').click()")
            try tab.open("\(url)/alerts")
            try tab.press("?")
            seen.append(try tab.text("String(document.getElementById('keys').open)"))
            // The first stop of the tabulator leads past the navigation.
            try tab.press("Tab")
            seen.append(try tab.text("document.activeElement.getAttribute('href')"))
            return seen
        }
        #expect(seen == ["f-q", "j", "SlowQueries", "true", "false", "#main"])
    }

    @Test("language and theme are chosen, and kept")
    func looks() async throws {
        let server = try ConsoleServer(try .afternoon())
        defer { server.stop() }
        let url = server.url
        let seen = try await Chromium.drive { browser in
            let tab = try browser.tab()
            var seen: [String] = []
            try tab.open("\(url)/alerts?state=all")
            try tab.leave("document.querySelector('form.language button[value=fr]').click()")
            seen.append(
                try tab.text(
                    "document.documentElement.lang + ' ' + document.querySelector('h1').textContent + location.search"))
            try tab.open("\(url)/account")
            try tab.fill(["a-theme": "dark"])
            try tab.leave("document.getElementById('a-theme').form.querySelector('button').click()")
            seen.append(
                try tab.text(
                    "document.documentElement.dataset.theme + ' ' + getComputedStyle(document.documentElement).backgroundColor"
                ))
            try tab.resize(390, 844, isPhone: true)
            try tab.open("\(url)/")
            seen.append(try tab.text("getComputedStyle(document.getElementById('menu')).display"))
            try tab.evaluate("document.querySelector('.menu-button').click()")
            seen.append(try tab.text("getComputedStyle(document.getElementById('menu')).display"))
            // Whatever a finger has to meet is large enough for one.
            seen.append(
                try tab.text(
                    "[...document.querySelectorAll('button, .button, nav a, select, main input, summary')]"
                        + ".filter(e => e.checkVisibility() && !e.closest('dialog') && e.getBoundingClientRect().height < 43.5)"
                        + ".map(e => e.outerHTML.slice(0, 80)).join()"))
            return seen
        }
        #expect(seen == ["fr Alertes?state=all", "dark rgb(15, 20, 26)", "none", "flex", ""])
    }

    /// Waits until a browser listens for changes.
    private static func listening(_ server: ConsoleServer) throws {
        let end = Date(timeIntervalSinceNow: 60)
        while server.listeners == 0 {
            guard Date() < end else { throw Chromium.Broken(description: "nobody listens") }
            usleep(10_000)
        }
    }
}

extension Chromium.Tab {
    /// Fills in fields by their identity.
    func fill(_ values: [String: String]) throws {
        for (id, value) in values.sorted(by: { $0.key < $1.key }) {
            let text = String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
            try evaluate("document.getElementById('\(id)').value = \(text); 0")
        }
    }
}
