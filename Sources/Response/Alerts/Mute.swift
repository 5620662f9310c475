/// Why nobody is told of an alert that fires.
package enum Mute: Hashable, Codable, Sendable {
    case silenced(by: String)
    case maintenance(window: String, until: Moment)
    /// Another alert explains it.
    case inhibited(by: Fingerprint, rule: String)
    /// A release of its service is switching, and the service keeps its objective so far.
    case switching(release: String, service: String)
}
