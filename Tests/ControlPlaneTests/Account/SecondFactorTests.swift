import ControlPlane
import Response
import Testing
import World

@Suite("The second factor")
struct SecondFactorTests {
    /// Ana with an authenticator and ten recovery codes.
    private func enrolled(_ desk: AccountDesk) throws -> (Browser, OneTimeCode, [String]) {
        let browser = try desk.administrator()
        let view = try browser.post("/second-factor", ["password": AccountDesk.password])
        #expect(view.status == 200, "\(view.text)")
        #expect(view["uri"].hasPrefix("otpauth://totp/Hauban:ana?secret="))
        let code = try desk.authenticator(view["secret"])
        let confirmed = try browser.post(
            "/second-factor/confirm", ["code": code.code(step: OneTimeCode.step(at: desk.now))])
        guard case .array(let codes)? = confirmed.json?["codes"] else {
            Issue.record("\(confirmed.text)")
            return (browser, code, [])
        }
        desk.advance(.seconds(60))
        return (browser, code, codes.compactMap(\.string))
    }

    private func code(_ code: OneTimeCode, _ desk: AccountDesk, later: Int = 0) -> String {
        code.code(step: OneTimeCode.step(at: desk.now) + later)
    }

    @Test("with it the password alone opens nothing, and password and code do")
    func bothAreNeeded() throws {
        let desk = try AccountDesk()
        let (_, authenticator, _) = try enrolled(desk)
        let browser = Browser(desk)
        let first = try browser.signIn("ana")
        #expect(first.status == 200)
        #expect(first["csrf"].isEmpty)
        #expect(browser.cookies.isEmpty)
        #expect(try !browser.isSignedIn)
        let second = try browser.post(
            "/session/second-factor", ["challenge": first["challenge"], "code": code(authenticator, desk)])
        #expect(second["name"] == "ana")
        #expect(second.json?["hasSecondFactor"] == .bool(true))
        #expect(try browser.isSignedIn)
    }

    @Test("a code that was used does not work again, not even after a restart")
    func replay() throws {
        let desk = try AccountDesk()
        let (_, authenticator, _) = try enrolled(desk)
        let used = code(authenticator, desk)
        let first = try Browser(desk).signIn("ana")["challenge"]
        #expect(try Browser(desk).post("/session/second-factor", ["challenge": first, "code": used]).status == 200)
        try desk.restart()
        let second = try Browser(desk).signIn("ana")["challenge"]
        let seen = try Browser(desk).post("/session/second-factor", ["challenge": second, "code": used])
        #expect(seen.status == 401)
        #expect(seen.word == "code-refused")
        let next = code(authenticator, desk, later: 1)
        #expect(try Browser(desk).post("/session/second-factor", ["challenge": second, "code": next]).status == 200)
    }

    @Test("a challenge is good once, for five minutes, for five codes, and for the password it was made by")
    func challenge() throws {
        let desk = try AccountDesk()
        let (browser, authenticator, _) = try enrolled(desk)
        let step = "/session/second-factor"
        var challenge = try Browser(desk).signIn("ana")["challenge"]
        #expect(
            try Browser(desk).post(step, ["challenge": challenge, "code": code(authenticator, desk)]).status == 200)
        desk.advance(.seconds(60))
        #expect(
            try Browser(desk).post(step, ["challenge": challenge, "code": code(authenticator, desk)]).word
                == "sign-in-again")

        challenge = try Browser(desk).signIn("ana")["challenge"]
        desk.advance(.seconds(300))
        #expect(
            try Browser(desk).post(step, ["challenge": challenge, "code": code(authenticator, desk)]).word
                == "sign-in-again")

        challenge = try Browser(desk).signIn("ana")["challenge"]
        #expect(
            try browser.post("/password", ["current": AccountDesk.password, "new": "another long one"]).status == 204)
        #expect(
            try Browser(desk).post(step, ["challenge": challenge, "code": code(authenticator, desk)]).word
                == "sign-in-again")

        challenge = try Browser(desk).signIn("ana", "another long one")["challenge"]
        for _ in 1...5 {
            #expect(try Browser(desk).post(step, ["challenge": challenge, "code": "000000"]).word == "code-refused")
        }
        desk.advance(.seconds(30))
        #expect(
            try Browser(desk).post(step, ["challenge": challenge, "code": code(authenticator, desk)]).word
                == "sign-in-again")
    }

    @Test("guessing codes gets slow, whatever address it comes from and however often the password is given")
    func guessing() throws {
        let desk = try AccountDesk()
        _ = try enrolled(desk)
        var refused = 0
        for number in 1...12 {
            let thief = Browser(desk)
            thief.address = "203.0.113.\(number)"
            let challenge = try thief.signIn("ana")["challenge"]
            let seen = try thief.post("/session/second-factor", ["challenge": challenge, "code": "000000"])
            if seen.status == 429 { refused += 1 }
        }
        #expect(refused == 7)
    }

    @Test("each recovery code is good once, written in any way")
    func recovery() throws {
        let desk = try AccountDesk()
        let (_, _, codes) = try enrolled(desk)
        #expect(codes.count == 10)
        #expect(Set(codes).count == 10)
        #expect(codes.allSatisfy { $0.count == 19 && !desk.storedText.contains($0) })
        func enter(_ code: String) throws -> Int {
            let challenge = try Browser(desk).signIn("ana")["challenge"]
            return try Browser(desk).post("/session/second-factor", ["challenge": challenge, "code": code]).status
        }
        #expect(try enter(codes[0]) == 200)
        #expect(desk.events.contains { $0.what == "used a recovery code" && $0.after == "9 left" })
        try desk.restart()
        #expect(try enter(codes[0]) == 401)
        #expect(try enter(codes[1].uppercased().replacing("-", with: " ")) == 200)
    }

    @Test("it comes in with the password and its first code, and ends sessions that came without it")
    func enrolment() throws {
        let desk = try AccountDesk()
        let browser = try desk.administrator()
        let other = Browser(desk)
        try other.signIn("ana")
        #expect(try browser.post("/second-factor", ["password": "not her password"]).word == "password-refused")
        #expect(try browser.post("/second-factor/confirm", ["code": "123456"]).status == 409)
        let secret = try browser.post("/second-factor", ["password": AccountDesk.password])["secret"]
        #expect(secret.split(separator: " ").count == 8)
        #expect(try browser.post("/second-factor/confirm", ["code": "12345"]).word == "code-refused")
        #expect(try other.post("/second-factor/confirm", ["code": "123456"]).status == 409, "not its enrolment")
        #expect(try other.isSignedIn)
        let authenticator = try desk.authenticator(secret)
        #expect(try browser.post("/second-factor/confirm", ["code": code(authenticator, desk)]).status == 200)
        #expect(try !other.isSignedIn)
        #expect(try browser.isSignedIn)
        #expect(desk.lastEvent == "ana: added a second factor account ana → 10 recovery codes")

        let challenge = try Browser(desk).signIn("ana")["challenge"]
        let again = ["challenge": challenge, "code": code(authenticator, desk)]
        #expect(try Browser(desk).post("/session/second-factor", again).word == "code-refused", "it confirmed already")
    }

    @Test("an enrolment that is not confirmed changes nothing and is over after a quarter of an hour")
    func unconfirmed() throws {
        let desk = try AccountDesk()
        let browser = try desk.administrator()
        let secret = try browser.post("/second-factor", ["password": AccountDesk.password])["secret"]
        #expect(try Browser(desk).signIn("ana")["name"] == "ana")
        desk.advance(.seconds(900))
        let late = try desk.authenticator(secret)
        #expect(try browser.post("/second-factor/confirm", ["code": code(late, desk)]).status == 409)
    }

    @Test("it goes with the password, its recovery codes with it; an administrator can take it from somebody")
    func removal() throws {
        let desk = try AccountDesk()
        let (browser, _, codes) = try enrolled(desk)
        #expect(try browser.post("/second-factor/remove", ["password": "not her password"]).status == 403)
        let fresh = try browser.post("/second-factor/recovery-codes", ["password": AccountDesk.password])
        #expect(fresh.status == 200)
        let challenge = try Browser(desk).signIn("ana")["challenge"]
        let old = ["challenge": challenge, "code": codes[3]]
        #expect(try Browser(desk).post("/session/second-factor", old).status == 401)
        #expect(try browser.post("/second-factor/remove", ["password": AccountDesk.password]).status == 204)
        #expect(try Browser(desk).signIn("ana")["name"] == "ana")
        #expect(try browser.post("/second-factor/remove", ["password": AccountDesk.password]).status == 409)
        #expect(try browser.post("/accounts/ana/clear-second-factor").status == 409)
        let secret = try browser.post("/second-factor", ["password": AccountDesk.password])["secret"]
        let authenticator = try desk.authenticator(secret)
        try browser.post("/second-factor/confirm", ["code": code(authenticator, desk)])
        #expect(try browser.post("/accounts/ana/clear-second-factor").status == 200)
        #expect(try Browser(desk).signIn("ana")["name"] == "ana")
    }
}
