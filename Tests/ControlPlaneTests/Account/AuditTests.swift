import ControlPlane
import Response
import TestKit
import Testing
import World

@Suite("The audit log")
struct AuditTests {
    private func log(_ count: Int = 20) -> (lines: [String], end: AuditChain) {
        var chain = AuditChain()
        let lines = (1...count).map { number in
            chain.append(
                AuditEvent(
                    who: "ana", from: "198.51.100.7", what: "changed the role", on: "account p\(number)",
                    before: "viewer",
                    after: number == 3 ? "\"é\\ ☃\u{1F600}\u{2028}/" : "responder"),
                at: Moment(milliseconds: 1_800_000_000_000 + number)
            ).text
        }
        return (lines, chain)
    }

    @Test("a line is JSON that says who, when, from where, what, on what, before and after")
    func line() throws {
        var chain = AuditChain()
        let event = AuditEvent(
            who: "ana", from: "::1", what: "changed the role", on: "account ben", before: "viewer", after: "responder")
        let line = chain.append(event, at: Moment(seconds: 1_800_000_000))
        let zeros = String(repeating: "0", count: 64)
        #expect(
            line.text
                == #"{"after":"responder","at":1800000000000,"before":"viewer","from":"::1","hash":"\#(line.hash.hex)","#
                + #""number":1,"on":"account ben","previous":"\#(zeros)","what":"changed the role","who":"ana"}"#)
        #expect(chain.text == "1 \(line.hash.hex)")
        #expect(AuditChain(parsing: chain.text) == chain)
        #expect(AuditChain(parsing: AuditChain().text) == AuditChain())
        for text in ["", "1", "x \(line.hash.hex)", "-1 \(line.hash.hex)", "0 \(line.hash.hex)", "1 \(zeros)", "1 abc"]
        {
            #expect(AuditChain(parsing: text) == nil, "\(text)")
        }
    }

    @Test("a log as it was written is whole, and goes on after a restart")
    func whole() throws {
        var (lines, end) = log()
        #expect(AuditCheck.verify(lines, end: end) == nil)
        var restarted = try #require(AuditChain(parsing: end.text))
        lines.append(
            restarted.append(AuditEvent(who: "ben", from: "", what: "signed in", on: ""), at: Moment(seconds: 1)).text)
        #expect(AuditCheck.verify(lines, end: restarted) == nil)
        #expect(AuditCheck.verify([], end: AuditChain()) == nil)
    }

    @Test("any byte that is changed anywhere is found, in its line")
    func tampered() throws {
        let (lines, end) = log(4)
        for index in lines.indices {
            let bytes = Array(lines[index].utf8)
            for position in bytes.indices {
                var changed = bytes
                changed[position] ^= 1
                var copy = lines
                copy[index] = String(decoding: changed, as: UTF8.self)
                let finding = try #require(AuditCheck.verify(copy, end: end), "\(index + 1): byte \(position)")
                switch finding {
                case .tampered(index + 1), .unreadable(index + 1), .severed(index + 1): continue
                case .outOfPlace(index + 1, _): continue
                default: Issue.record("\(finding) for byte \(position) of line \(index + 1)")
                }
            }
        }
    }

    @Test("a line that is missing, added twice, put elsewhere or cut off is found")
    func moved() {
        let (lines, end) = log()
        var copy = lines
        copy.remove(at: 6)
        #expect(AuditCheck.verify(copy, end: end) == .outOfPlace(line: 7, found: 8))
        copy = lines
        copy.swapAt(6, 7)
        #expect(AuditCheck.verify(copy, end: end) == .outOfPlace(line: 7, found: 8))
        copy = lines
        copy.insert(lines[6], at: 6)
        #expect(AuditCheck.verify(copy, end: end) == .outOfPlace(line: 8, found: 7))
        #expect(AuditCheck.verify(lines.dropLast(), end: end) == .cutShort(after: 19, of: 20))
        #expect(AuditCheck.verify(lines.dropFirst(), end: end) == .outOfPlace(line: 1, found: 2))
        #expect(AuditCheck.verify([], end: end) == .cutShort(after: 0, of: 20))
        #expect(AuditCheck.verify(lines + [lines[0]], end: end) == .outOfPlace(line: 21, found: 1))
        #expect(AuditCheck.verify(lines + ["{}"], end: end) == .unreadable(line: 21))
    }

    @Test("who writes a line anew with a right hash is found at the next, and a whole new log by its end")
    func rewritten() throws {
        let (lines, end) = log()
        var chain = AuditChain()
        var copy = lines
        for number in 1...20 {
            let who = number == 5 ? "eve" : "ana"
            let event = AuditEvent(
                who: who, from: "198.51.100.7", what: "changed the role", on: "account p\(number)", before: "viewer",
                after: number == 3 ? "\"é\\ ☃\u{1F600}\u{2028}/" : "responder")
            let line = chain.append(event, at: Moment(milliseconds: 1_800_000_000_000 + number))
            if number == 5 { copy[4] = line.text }
            if number == 5 { #expect(AuditCheck.verify(copy, end: end) == .severed(line: 6)) }
            copy[number - 1] = line.text
        }
        #expect(AuditCheck.verify(copy, end: nil) == nil)
        #expect(AuditCheck.verify(copy, end: end) == .otherEnd(line: 20))
        #expect(
            AuditCheck.verify(
                lines + [chain.append(AuditEvent(who: "", from: "", what: "", on: ""), at: Moment(seconds: 0)).text],
                end: end) == .severed(line: 21))
        var longer = end
        let more = longer.append(AuditEvent(who: "eve", from: "", what: "", on: ""), at: Moment(seconds: 0))
        #expect(AuditCheck.verify(lines + [more.text], end: end) == .continued(after: 20))
    }

    @Test("Python computes the same chain from the stored lines")
    func python() throws {
        let (lines, end) = log()
        let script = """
            import hashlib, json
            previous = '0' * 64
            for line in open('log.txt', encoding='utf-8').read().split('\\n'):
                value = json.loads(line)
                assert value.pop('previous') == previous
                found = value.pop('hash')
                text = json.dumps(value, sort_keys=True, separators=(',', ':'), ensure_ascii=False)
                previous = hashlib.sha256((previous + '\\n' + text).encode()).hexdigest()
                assert found == previous, line
            print(previous)
            """
        let said = try PythonJudge().run(script, files: ["log.txt": lines.joined(separator: "\n")])
        #expect(said == end.head.hex + "\n")
    }

    @Test("what is told is one line of text, however it was typed")
    func text() {
        let event = AuditEvent(who: "a\nb\u{0}", from: "", what: String(repeating: "x", count: 2000), on: "\u{7f}\t")
        #expect(event.who == "a\u{fffd}b\u{fffd}")
        #expect(event.what.count == 500)
        #expect(event.on == "\u{fffd}\u{fffd}")
        var chain = AuditChain()
        #expect(AuditCheck.verify([chain.append(event, at: Moment(seconds: 1)).text], end: chain) == nil)
    }

    @Test("everything that changes who may do what is in the log")
    func events() throws {
        let desk = try AccountDesk()
        let ana = try desk.administrator()
        let ben = try desk.somebody("ben", .responder, invitedBy: ana)
        let token = try ben.post("/tokens", ["name": "ci", "scopes": "[alerts:read]", "days": "7"])
        try ben.post("/tokens/\(token["id"])/revoke")
        try Browser(desk).signIn("ben", "not the password")
        try ana.post("/accounts/ben/role", ["role": "viewer"])
        try ana.post("/accounts/ben/link")
        try ana.post("/accounts/ben/disable")
        try ana.post("/accounts/ben/enable")
        try ana.post("/accounts/ben/remove")
        try ana.post("/session/end")
        #expect(
            desk.events.map { "\($0.who) \($0.what) \($0.on)" } == [
                "hauban opened the set-up accounts", "ana set up the first administrator account ana",
                "ana signed in account ana", "ana invited account ben", "ben took an invitation account ben",
                "ben signed in account ben", "ben made token \(token["id"]) (ci)",
                "ben revoked token \(token["id"]) (ci)",
                "somebody failed to sign in account ben", "ana changed the role account ben",
                "ana made a link for a new password account ben", "ana disabled account ben", "ana enabled account ben",
                "ana removed account ben", "ana signed out account ana",
            ])
        var chain = AuditChain()
        let lines = chain.append(desk.events, at: desk.now).map(\.text)
        #expect(AuditCheck.verify(lines, end: chain) == nil)
    }
}
