import NIOCore
import Response
import Spec

/// Gives messages to their courier, a few of each way at a time: a slow provider holds up no other.
///
/// Belongs to one event loop. What it holds is on disk already as pages that are being sent; a restart sends these again.
final class Outbox {
    private let courier: any Courier
    private let loop: any EventLoop
    /// Told what came of an attempt.
    var answered: (Dispatch, DeliveryAnswer) -> Void = { _, _ in }
    private var waiting: [Spec.Channel.Kind: CircularBuffer<Dispatch>] = [:]
    private var running: [Spec.Channel.Kind: Int] = [:]
    private var idle: [EventLoopPromise<Void>] = []
    private var isStopped = false

    /// Attempts of one way that are under way at a time.
    static let atOnce = 16

    init(courier: any Courier, loop: any EventLoop) {
        self.courier = courier
        self.loop = loop
    }

    /// Messages that are under way or wait for their turn.
    var counts: [Spec.Channel.Kind: Int] {
        running.merging(waiting.mapValues(\.count)) { $0 + $1 }.filter { $0.value > 0 }
    }

    func send(_ dispatch: Dispatch) {
        waiting[dispatch.contact.kind, default: []].append(dispatch)
        advance(dispatch.contact.kind)
    }

    /// Begins no more attempts; completes when those under way were answered, or by ``giveUp()``.
    func stop() -> EventLoopFuture<Void> {
        isStopped = true
        let promise = loop.makePromise(of: Void.self)
        idle.append(promise)
        settle()
        return promise.futureResult
    }

    /// Waits no longer for providers: a restart sends again what they have not answered.
    func giveUp() {
        let promises = idle
        idle = []
        for promise in promises { promise.succeed(()) }
    }

    private func settle() {
        if isStopped, !running.values.contains(where: { $0 > 0 }) { giveUp() }
    }

    private func advance(_ kind: Spec.Channel.Kind) {
        while !isStopped, running[kind, default: 0] < Self.atOnce, let next = waiting[kind]?.first {
            waiting[kind]?.removeFirst()
            running[kind, default: 0] += 1
            let promise = loop.makePromise(of: DeliveryAnswer.self)
            let courier = courier
            promise.completeWithTask { await courier.deliver(next) }
            promise.futureResult.assumeIsolated().whenSuccess { [weak self] answer in
                guard let self else { return }
                running[kind, default: 1] -= 1
                answered(next, answer)
                advance(kind)
                settle()
            }
        }
    }
}
