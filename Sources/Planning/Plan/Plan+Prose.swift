import Spec

extension Plan {
    /// One short line a step: `create db (postgres 15)`, `build api: new`.
    package var lines: [String] { steps.map(\.line) }

    /// The plan in one line: `release api, web; remove old; create db; 2 services unchanged`.
    package var summary: String {
        var parts: [String] = []
        func add(_ verb: String, _ names: [String]) {
            if !names.isEmpty { parts.append("\(verb) \(names.joined(separator: ", "))") }
        }
        let provisions = steps.filter { $0.action == .provision }
        add("create", provisions.filter { $0.reason == .new }.flatMap(\.target.names))
        add("change", provisions.filter { $0.reason != .new }.flatMap(\.target.names))
        add("see to the certificate of", steps.filter { $0.action == .certify }.flatMap(\.target.names))
        add("release", changed.map(\.text))
        add(
            "remove",
            steps.filter {
                $0.action == .stopOld && $0.reason == .removed || $0.action == .retire && $0.target.resource != nil
            }.flatMap(\.target.names))
        if steps.contains(where: { $0.reason == .routesChanged }) { parts.append("change the routes") }
        if steps.contains(where: { $0.reason == .frontDoorGone }) { parts.append("start the front door") }
        if isEmpty { parts.append("nothing to do") }
        switch unchanged.count {
        case 0: break
        case 1: parts.append("1 service unchanged")
        default: parts.append("\(unchanged.count) services unchanged")
        }
        return parts.joined(separator: "; ")
    }
}

extension Step {
    /// The step as a short line.
    package var line: String {
        let names = target.names.joined(separator: ", ")
        let more = detail.map { " (\($0))" } ?? ""
        switch action {
        case .provision:
            switch reason {
            case .new: return "create \(names)\(more)"
            case .notWell: return "start \(names)\(more)"
            default: return "change \(names)\(more): \(reason.text)"
            }
        case .certify:
            switch reason {
            case .new: return "have a certificate for \(names)\(more)"
            default: return "see to the certificate of \(names)\(more): it \(reason.text)"
            }
        case .build: return "build \(names): \(reason.text)"
        case .migrate:
            let bears = isCompatible.map { ": the version before \($0 ? "can" : "cannot") run after it" } ?? ""
            return "migrate \(names)\(more)\(bears)"
        case .stopFirst: return "stop the old \(names) first"
        case .start: return "start \(names)\(more)"
        case .gate: return "wait until \(names) is ready"
        case .shift: return "send \(share.map { "\($0)" } ?? "a share") of \(names) to the new release"
        case .hold:
            return "watch \(names) at \(share.map { "\($0)" } ?? "its share")" + (detail.map { " for \($0)" } ?? "")
        case .shiftBack: return "send all of \(names) to the old release again"
        case .switchTraffic where reason == .frontDoorGone: return "start the front door"
        case .switchTraffic: return names.isEmpty ? "change the public routes" : "switch \(names)"
        case .withdraw: return "take \(names) off the front door: \(reason.text)"
        case .watch: return "watch \(names)" + (detail.map { " for \($0)" } ?? "")
        case .smoke: return "smoke-test \(names)\(more)"
        case .drain: return "drain the old \(names)"
        case .stopOld: return "stop \(names)\(more): \(reason.text)"
        case .retire where target.resource == nil: return "forget the certificate of \(names): \(reason.text)"
        case .retire: return "stop \(names), keeping its data: \(reason.text)"
        case .stopNew: return "stop the new \(names)"
        case .switchBack: return names.isEmpty ? "change the public routes back" : "switch \(names) back"
        case .restartOld: return "start the old \(names) again"
        case .restore: return "put \(names) back on the front door"
        }
    }
}
