import NIOCore
import Synchronization

/// What a request's outcome tells the balance of its release. A release of one replica has nothing to balance.
extension ClientConnection {
    /// The replica's answer has begun.
    func countReplicaAnswer(status: Int) {
        guard let upstream = exchange.upstream, let release = exchange.release, release.upstreams.count > 1 else {
            return
        }
        if status >= 500 {
            countReplicaFailure(.serverError)
        } else if upstream.runtime.isSuspected.load(ordering: .relaxed) {
            release.runtime.balance.answered(upstream.runtime, now: .now())
        } else {
            upstream.answers &+= 1
        }
    }

    /// The request failed at the replica that it was sent to last.
    func countReplicaFailure(_ trouble: ReleaseBalance.Trouble) {
        guard let upstream = exchange.upstream, let release = exchange.release, release.upstreams.count > 1 else {
            return
        }
        loop.announce(release.runtime.balance.failed(upstream.runtime, trouble, now: .now()), release)
    }
}
