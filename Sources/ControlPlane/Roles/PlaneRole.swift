import World

/// A part of the control plane that can be a process of its own.
package enum PlaneRole: String, CaseIterable, Sendable, Hashable {
    /// Takes what senders say.
    case ingest
    /// Decides, keeps, and tells people; the one that has the store.
    case incidents
    /// Says who is on call.
    case oncall
    /// Shows pages.
    case console

    /// What the service is called that this role is, where each is one.
    package var service: String {
        switch self {
        case .ingest: "alert-ingestion"
        case .incidents: "incident-management"
        case .oncall: "oncall-service"
        case .console: "web-ui"
        }
    }

    /// Whether a request is this role's to answer or to pass on.
    package func serves(_ request: APIRequest) -> Bool {
        let segments = request.segments
        switch self {
        case .ingest:
            return segments.prefix(2) == ["api", "v2"] || IngestRouter.route(request) != nil
        case .oncall:
            if segments.prefix(2) == ["api", "v1"] {
                return ["oncall", "people"].contains(segments.dropFirst(2).first)
            }
            return segments.count == 2 && segments[0] == "on-call" && segments[1].hasSuffix(".ics")
        case .console:
            guard IngestRouter.route(request) == nil else { return false }
            return request.path == "/events" || ConsoleRoutes.claims(request.method, segments)
        case .incidents:
            return !PlaneRole.ingest.serves(request) && !PlaneRole.console.serves(request)
        }
    }

    /// The role that answers what this one does not; `nil` for a request that is its own, or nobody's.
    package static func other(than role: PlaneRole, _ request: APIRequest) -> PlaneRole? {
        if role.serves(request) { return nil }
        return [.ingest, .console, .oncall, .incidents].first { $0 != role && $0.serves(request) }
    }

    /// What somebody is told who asks the wrong process.
    func problem(_ path: String) -> Problem {
        Problem(
            "other-role", status: 404, title: "Another process answers this",
            detail: "\(path) is answered by the role \(rawValue): `hauban serve --role \(rawValue)`.",
            members: [.init("role", .string(rawValue))])
    }
}

extension MetricText {
    /// Says which role a process has; `nil`: all of them.
    mutating func write(_ role: PlaneRole?) {
        write(
            "hauban_role_info", "gauge", "Which role this process has.",
            PlaneRole.allCases.filter { role == nil || $0 == role }.map { ("role", $0.rawValue, 1) })
    }
}
