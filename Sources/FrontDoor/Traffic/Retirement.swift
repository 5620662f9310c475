package import NIOCore

/// Since when a release is given nothing new: what a drain time counts from.
///
/// A release that stands in for the one that serves has left traffic already: its long requests should not wait for the
/// end of a watch before their time begins. Only a request that it does take as a stand-in begins that time anew.
package struct Retirement: Sendable, Hashable {
    private var since: NIODeadline?

    package init() {}

    /// It takes requests of its own, so no time runs.
    package mutating func serves() { since = nil }

    /// It is there for what no replica of the serving release takes; a second configuration that says so changes nothing.
    package mutating func standsIn(now: NIODeadline) { since = since ?? now }

    /// It was given a request as a stand-in.
    package mutating func takes(now: NIODeadline) { since = now }

    /// It left the configuration.
    ///
    /// - Returns: the moment from which its drain time counts.
    package mutating func leaves(now: NIODeadline) -> NIODeadline {
        let moment = min(since ?? now, now)
        since = moment
        return moment
    }
}
