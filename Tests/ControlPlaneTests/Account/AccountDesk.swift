import ControlPlane
import FoundationEssentials
import Response
import Synchronization
import Testing
import TestKit
import World

/// The authority as the engine holds it: what a reply leaves is kept before it is looked at.
final class AccountDesk {
    var authority: Authority
    var now = Moment(milliseconds: 1_800_000_000_123)
    private(set) var stored: [Record.Key: Record] = [:]
    private(set) var events: [AuditEvent] = []
    private let settings: AccountSettings
    private let random: RandomBytes
    private let listener: GuardedListener

    static let host = "hauban.example.com"
    static let password = "three small boats"

    /// Behind TLS, unless another listener is given.
    init(listener: GuardedListener? = nil, _ change: (inout AccountSettings) -> Void = { _ in }) throws {
        var settings = AccountSettings()
        settings.cost = .init(ln: 1, r: 1, p: 1)
        change(&settings)
        self.settings = settings
        let generator = Mutex(SeededGenerator(seed: 4))
        random = RandomBytes { count in
            generator.withLock { generator in (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) } }
        }
        self.listener = try listener ?? GuardedListener(host: "0.0.0.0", port: 443, hasTLS: true)
        authority = try Authority([], listener: self.listener, settings: settings, random: random)
    }

    /// Everything that was not written is forgotten.
    func restart() throws {
        authority = try Authority(Array(stored.values), listener: listener, settings: settings, random: random)
    }

    func keep(_ changes: AccountChanges) {
        for record in changes.saves { stored[record.key] = record }
        for key in changes.drops { stored[key] = nil }
        events += changes.events
    }

    func advance(_ duration: Duration) { now = now + duration }

    /// Has a request answered, and its password hashed where it has one.
    func reply(_ request: APIRequest) throws -> AccountReply {
        let route = request.segments
        let reply: AccountReply
        let outcome = authority.handle(request, route, now)
        switch try #require(outcome, "\(request.path) is not about accounts") {
        case .reply(let direct): reply = direct
        case .hashing(let work, let step): reply = authority.resume(step, work.perform(), now)
        }
        keep(reply.changes)
        try compare()
        return reply
    }

    /// Who starts from what was kept knows what this one knows, but for when things were last used.
    private func compare() throws {
        let other = try Authority(Array(stored.values), listener: listener, settings: settings, random: random)
        #expect(other.accounts.all == authority.accounts.all)
        #expect(other.tokens.all.map(\.hash) == authority.tokens.all.map(\.hash))
        for account in authority.accounts.all {
            #expect(
                Set(other.accounts.sessions(of: account.id).map(\.id))
                    == Set(authority.accounts.sessions(of: account.id).map(\.id)))
        }
    }

    /// What a start prints.
    func openSetUp() -> String? {
        var changes = AccountChanges()
        let token = authority.accounts.openSetUp(now, &changes)
        keep(changes)
        return token?.exposed
    }

    /// A browser in which the first administrator `ana` is signed in.
    func administrator() throws -> Browser {
        let token = try #require(openSetUp())
        let browser = Browser(self)
        let answer = try browser.post(
            "/set-up", ["token": token, "name": "ana", "password": Self.password])
        #expect(answer.status == 200, "\(answer.text)")
        return browser
    }

    /// Somebody who took an invitation of the administrator's.
    func somebody(_ name: String, _ role: Role, invitedBy administrator: Browser) throws -> Browser {
        let invited = try administrator.post("/invitations", ["name": name, "role": role.rawValue])
        #expect(invited.status == 201, "\(invited.text)")
        let browser = Browser(self)
        let answer = try browser.post(
            "/invitations/accept", ["token": invited["token"], "password": Self.password])
        #expect(answer.status == 200, "\(answer.text)")
        return browser
    }

    /// The codes of somebody's authenticator.
    func authenticator(_ secret: String) throws -> OneTimeCode {
        try #require(OneTimeCode(base32: secret.filter { $0 != " " }))
    }

    /// What somebody would read who took the store's file away.
    var storedText: String { stored.values.map(\.body).joined(separator: "\n") }

    var lastEvent: String {
        events.last.map { "\($0.who): \($0.what) \($0.on)" + ($0.after.isEmpty ? "" : " → \($0.after)") } ?? ""
    }
}

/// A browser on our pages: it keeps the cookie, and shows what pages of ours show.
final class Browser {
    struct Seen {
        var status: Int
        var fields: [(String, String)]
        var json: JSONValue?
        var text: String

        subscript(name: String) -> String { json?[name]?.string ?? "" }
        var word: String { self["type"].replacing("urn:hauban:problem:", with: "") }
        func field(_ name: String) -> String? { fields.first { $0.0 == name }?.1 }
    }

    private let desk: AccountDesk
    var cookies: [String: String] = [:]
    var csrf: String?
    var address = "198.51.100.7"
    /// What differs from a browser on our own page; an empty text leaves a field away.
    var fields: [String: String] = [:]

    init(_ desk: AccountDesk) { self.desk = desk }

    /// The same cookie in somebody else's hand.
    func stolen() -> Browser {
        let thief = Browser(desk)
        thief.cookies = cookies
        thief.csrf = csrf
        return thief
    }

    func request(_ method: String, _ path: String, _ members: [String: String] = [:]) -> APIRequest {
        var all = [
            "host": AccountDesk.host, "origin": "https://" + AccountDesk.host, "sec-fetch-site": "same-origin",
            "user-agent": "Mozilla/5.0 (X11; Linux x86_64)",
        ]
        if method == "GET" { all["origin"] = nil }
        if !cookies.isEmpty { all["cookie"] = cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; ") }
        if let csrf { all["x-csrf-token"] = csrf }
        var body: [UInt8] = []
        if !members.isEmpty {
            all["content-type"] = "application/json"
            body = Array(
                JSONValue.object(members.sorted { $0.key < $1.key }.map { .init($0.key, Self.value($0.value)) }).text
                    .utf8)
        }
        for (name, value) in fields { all[name] = value.isEmpty ? nil : value }
        return APIRequest(method, path, fields: all, body: body, peer: address)
    }

    /// `[a b]` is a list of two.
    private static func value(_ text: String) -> JSONValue {
        guard text.hasPrefix("["), text.hasSuffix("]") else { return .string(text) }
        return .array(text.dropFirst().dropLast().split(separator: " ").map { .string(String($0)) })
    }

    @discardableResult
    func send(_ request: APIRequest) throws -> Seen {
        let answer = try desk.reply(request).answer
        var bytes: [UInt8] = []
        if case .bytes(let body, _) = answer.body { bytes = body }
        let seen = Seen(
            status: answer.status, fields: answer.fields, json: JSONValue(parsing: bytes),
            text: "\(answer.status) \(String(decoding: bytes, as: UTF8.self))")
        if let cookie = seen.field("Set-Cookie") {
            let pair = cookie.split(separator: ";")[0].split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            cookies[String(pair[0])] = cookie.contains("Max-Age=0") ? nil : String(pair[1])
        }
        if answer.status == 200, !seen["csrf"].isEmpty { csrf = seen["csrf"] }
        return seen
    }

    @discardableResult
    func post(_ path: String, _ members: [String: String] = [:]) throws -> Seen {
        try send(request("POST", path, members))
    }

    func get(_ path: String) throws -> Seen { try send(request("GET", path)) }

    @discardableResult
    func signIn(_ name: String, _ password: String = AccountDesk.password) throws -> Seen {
        try post("/session", ["name": name, "password": password])
    }

    /// Whether our pages take this browser for somebody.
    var isSignedIn: Bool { get throws { try get("/session").status == 200 } }
}
