import Delivery
import FoundationEssentials
import Glibc
import Planning
import Spec
import World

/// Tells the control plane of this machine what becomes of releases, while they are performed.
///
/// A release waits for none of it: what is told is read from the journal beside the release, and its end is waited for two seconds
/// at most. Without a control plane of this environment nothing is told.
final class ReleaseTeller: Sendable {
    private enum Word: Sendable {
        case began
        case ended
    }

    /// How long the end of a release waits.
    static let patience = Duration.seconds(2)

    private let words: AsyncStream<Word>.Continuation
    private let work: Task<String?, Never>

    /// - Parameters:
    ///   - place: of the environment whose releases are told.
    ///   - data: the folder of this machine's control plane.
    init(
        _ place: LocalPlace, platform: PlatformName, environment: EnvironmentName,
        data: String = LocalAccess.usualFolder
    ) {
        let (stream, words) = AsyncStream.makeStream(of: Word.self)
        self.words = words
        work = Task {
            var trouble: String?
            for await word in stream {
                await LocalAccess.settled(data, within: Self.patience)
                guard let access = LocalAccess.read(data), access.serves == nil || access.serves == place.state else {
                    continue
                }
                do {
                    try await Deadline.run(Self.patience, for: "tell \(access.url)") {
                        try await Self.tell(access, place, platform, environment, word)
                    }
                    trouble = nil
                } catch let error as WorldError {
                    trouble = "\(access.url): \(error.underlying)"
                } catch {
                    trouble = "\(access.url): \(error)"
                }
            }
            return trouble.map { "the control plane was not told of this release (\($0)); the next one tells it" }
        }
    }

    convenience init(_ session: Session, data: String = LocalAccess.usualFolder) {
        self.init(session.place, platform: session.platform.name, environment: session.name, data: data)
    }

    /// Hears what a release does; returns at once.
    func hear(_ event: ReleaseEvent) {
        switch event {
        case .began, .recovering: words.yield(.began)
        case .ended: words.yield(.ended)
        case .planned, .stepBegan, .stepEnded, .stepFailed, .watched, .held, .returning, .undoBegan, .undoEnded,
            .undoFailed, .logTail:
            break
        }
    }

    /// Tells what the journal holds, though nothing was heard.
    func catchUp() { words.yield(.ended) }

    /// Waits until it was told, two seconds at most.
    ///
    /// - Returns: a note when the control plane did not take it.
    func finish() async -> String? {
        words.finish()
        let work = work
        let patience = Task {
            try await Task.sleep(for: Self.patience)
            work.cancel()
        }
        let note = await work.value
        patience.cancel()
        return note
    }

    private static func tell(
        _ access: LocalAccess, _ place: LocalPlace, _ platform: PlatformName, _ environment: EnvironmentName,
        _ word: Word
    ) async throws {
        let (journal, _) = try Journal.reading(path: place.journal)
        // One that serves no platform may hear of several.
        let prefix = access.serves == nil ? "\(platform)/\(environment)/" : ""
        let news = try ReleaseNews(
            journal, platform: platform, environment: environment, now: Date().timeIntervalSince1970,
            redacted: { redacted($0, $1, SecretStore(folder: place.secrets, environment: environment)) }
        ) { "\(prefix)\($0)" }
        let caller = HTTPCaller(.init(connecting: .seconds(1)), trusting: access.pin)
        do {
            try await send(news, word, environment, Line(access: access, caller: caller))
        } catch {
            await caller.close()
            throw error
        }
        await caller.close()
    }

    private static func redacted(_ text: String, _ record: ReleaseRecord, _ secrets: SecretStore) -> String {
        var text = text
        for name in Set(record.desired.services.flatMap(\.secrets)).sorted() where secrets.contains(name.text) {
            guard let value = try? secrets.value(for: name.text).exposed, value.utf8.count >= 4 else { continue }
            text = text.replacing(value, with: "[redacted]")
        }
        return text
    }

    private static func send(
        _ news: ReleaseNews, _ word: Word, _ environment: EnvironmentName, _ line: Line
    ) async throws {
        let known = try await line.ask("GET", "/api/v1/releases")
        for release in news.releases {
            let before = known.items("items").first { $0["id"]?.string == release.id }
            if let before, release.isKnown(before) { continue }
            _ = try await line.ask(
                "POST", "/api/v1/releases", release.body(environment: environment.text), by: release.by)
        }
        guard case .ended = word, !news.alerts.isEmpty else { return }
        _ = try await line.ask("POST", "/api/v2/alerts", .array(news.alerts.map(\.body)))
    }
}

extension ReleaseTeller {
    /// The way to a control plane.
    fileprivate struct Line: Sendable {
        var access: LocalAccess
        var caller: HTTPCaller

        func ask(
            _ method: String, _ path: String, _ body: JSONValue? = nil, by user: String? = nil
        ) async throws -> JSONValue {
            var headers = ["Authorization": "Bearer \(access.token)", "Accept": "application/json"]
            if let user { headers["X-Hauban-User"] = String(user.filter { $0.isASCII && !$0.isNewline }.prefix(100)) }
            if body != nil { headers["Content-Type"] = "application/json" }
            let answer = try await caller.send(
                HTTPRequest(method: method, url: access.url + path, headers: headers, body: body?.text),
                within: ReleaseTeller.patience)
            guard (200..<300).contains(answer.status) else {
                throw WorldError(
                    code: "refused", operation: "\(method) \(path)",
                    underlying: "\(method) \(path) was answered \(answer.status): \(answer.body.prefix(200))")
            }
            return JSONValue(parsing: Array(answer.body.utf8)) ?? .null
        }
    }
}

extension RunningEnvironment {
    /// Tells the control plane of this machine what became of a release that was found interrupted.
    func tellReleases(_ terminal: Terminal) async {
        let teller = ReleaseTeller(place, platform: platform, environment: name)
        teller.catchUp()
        if let note = await teller.finish() { terminal.complain("hauban: note: \(note)") }
    }
}

extension Session {
    /// Tells a control plane that just began to listen which releases there were, without waiting for it.
    func tellReleases(data: String) {
        guard Folder.exists(place.state), access(place.journal, F_OK) == 0 else { return }
        let teller = ReleaseTeller(self, data: data)
        teller.catchUp()
        Task { _ = await teller.finish() }
    }
}

extension LocalAccess {
    /// Where the control plane of this machine keeps its data, unless it is told otherwise.
    static var usualFolder: String { StateFolders.root(ProcessEnvironment.all) + "/control-plane" }
}
