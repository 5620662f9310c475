import NIOCore

package import World

/// Tells somebody outside, again and again, that pages go out: who hears nothing any more sounds the alarm.
///
/// Belongs to one event loop. It is withheld while the store refuses, or while what falls due is done late: a sign of life from a
/// pager that does not page would be a lie.
package final class SignOfLife {
    /// Where it goes, and how often.
    package struct Settings: Sendable, Hashable {
        package var url: Secret
        package var every: Duration

        package init(url: Secret, every: Duration) {
            self.url = url
            self.every = every
        }
    }

    private let settings: Settings
    private let report: SelfReport
    private let caller: HTTPCaller
    private let loop: any EventLoop
    private var next: NIODeadline
    private var isUnderWay = false
    /// Whether the last one went out; `nil` before the first.
    private(set) var isHeard: Bool?

    init(_ settings: Settings, report: SelfReport, caller: HTTPCaller, loop: any EventLoop) {
        self.settings = settings
        self.report = report
        self.caller = caller
        self.loop = loop
        next = .now()
    }

    /// Once a second.
    func tick(_ now: NIODeadline) {
        guard now >= next, !isUnderWay else { return }
        next = now + .nanoseconds(Int64(settings.every / .nanoseconds(1)))
        guard report.isWell else {
            isHeard = false
            return
        }
        isUnderWay = true
        let promise = loop.makePromise(of: Bool.self)
        let (caller, url, patience) = (caller, settings.url, min(settings.every, .seconds(10)))
        promise.completeWithTask {
            let answer = try? await caller.send(HTTPRequest(url: url.exposed), within: patience)
            return answer.map { (200..<300).contains($0.status) } ?? false
        }
        promise.futureResult.assumeIsolated().whenSuccess { isHeard in
            self.isUnderWay = false
            self.isHeard = isHeard
        }
    }
}
