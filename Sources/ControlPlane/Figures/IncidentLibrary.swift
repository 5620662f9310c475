import Response
import Synchronization

/// Incidents of the last hundred days, for figures: read once, and then only what was archived since.
///
/// An archived incident never changes. 10,000 of them take the store about a second; figures of what is known take
/// milliseconds.
actor IncidentLibrary {
    private let store: any Store
    private var known: [String: Incident] = [:]
    private var isLoaded = false
    /// Archived, and not taken up yet.
    private nonisolated let noted = Mutex<Set<String>>([])
    /// Archived since the library was loaded, and not read yet.
    private var waiting: Set<String> = []
    private var loading: Task<[Incident], any Error>?

    static let kept = Duration.seconds(100 * 86_400)
    /// More archived ones than this are read page by page.
    static let oneByOne = 200

    init(store: any Store) { self.store = store }

    /// An incident was archived.
    nonisolated func note(_ id: String) { noted.withLock { _ = $0.insert(id) } }

    /// Archived incidents that were opened since a moment, in any order.
    ///
    /// - Throws: `WorldError` of the store.
    func archived(since start: Moment, now: Moment) async throws -> [Incident] {
        waiting.formUnion(
            noted.withLock { noted in
                defer { noted = [] }
                return noted
            })
        guard start >= now - Self.kept else { return try await Self.read(store, since: start) }
        if waiting.count > Self.oneByOne { isLoaded = false }
        if !isLoaded {
            let oldest = now - Self.kept
            let covered = waiting
            // Those who ask meanwhile wait for the same reading.
            let task = loading ?? Task { [store] in try await Self.read(store, since: oldest) }
            loading = task
            defer { loading = nil }
            for incident in try await task.value { known[incident.id] = incident }
            waiting.subtract(covered.filter { known[$0] != nil })
            isLoaded = true
        }
        for id in waiting.sorted() {
            for case .incident(let incident) in try await store.parts(ofIncident: id) { known[id] = incident }
            waiting.remove(id)
        }
        let limit = now - Self.kept - .seconds(86_400)
        known = known.filter { $0.value.opened >= limit }
        return known.values.filter { $0.opened >= start }
    }

    @concurrent
    private static func read(_ store: any Store, since start: Moment) async throws -> [Incident] {
        var all: [Incident] = []
        var before: String?
        while true {
            let page = try await store.history(before: before, limit: 500)
            all += page.filter { $0.opened >= start }
            guard page.count == 500, let last = page.last, last.opened >= start else { return all }
            before = last.id
        }
    }
}

/// What figures are made from, for who is on the event loop.
///
/// Belongs to one event loop.
final class FigureDesk {
    private let library: IncidentLibrary
    private let engine: ResponseEngine
    private let now: () -> Moment

    init(store: any Store, engine: ResponseEngine, now: @escaping () -> Moment) {
        library = IncidentLibrary(store: store)
        self.engine = engine
        self.now = now
        engine.archived = { [library] in library.note($0) }
    }

    /// Reads what there is, so that who asks need not wait.
    func warm() {
        let read = archived(since: now())
        Task(priority: .utility) { _ = try? await read() }
    }

    /// Reads, beside the loop, all incidents that were opened since a moment.
    func incidents(since start: Moment) -> @Sendable () async throws -> [Incident] {
        let live = Array(engine.responder.incidents.values)
        let read = archived(since: start)
        return {
            let known = Set(live.map(\.id))
            return live + (try await read()).filter { !known.contains($0.id) }
        }
    }

    private func archived(since start: Moment) -> @Sendable () async throws -> [Incident] {
        let (library, moment) = (library, now())
        return { try await library.archived(since: start, now: moment) }
    }
}
