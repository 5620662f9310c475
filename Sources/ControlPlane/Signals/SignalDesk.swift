import NIOCore
import Response
import World

/// Has services measured every ten seconds, and keeps what came of it.
///
/// Belongs to one event loop; measuring happens beside it, one reading at a time.
final class SignalDesk {
    private let meter: (any ServiceMeter)?
    private let loop: any EventLoop
    private let now: () -> Moment
    private var next = NIODeadline.now()
    private var underWay: EventLoopFuture<Void>?
    private(set) var board: SignalBoard
    /// Told of each reading.
    var changed: () -> Void = {}

    static let limit = Duration.seconds(3)

    init(_ configuration: ControlPlaneConfiguration, loop: any EventLoop, now: @escaping () -> Moment) {
        meter = configuration.meter
        board = SignalBoard(promises: configuration.promises, isMeasured: configuration.meter != nil)
        self.loop = loop
        self.now = now
    }

    /// Once a second.
    func tick(_ now: NIODeadline) {
        guard let meter, now >= next, underWay == nil else { return }
        next = now + .nanoseconds(Int64(SignalBoard.every / .nanoseconds(1)))
        let promise = loop.makePromise(of: [String: ServiceReading].self)
        promise.completeWithTask {
            try await Deadline.run(Self.limit, for: "measure the services") {
                try await meter.readings(within: Self.limit)
            }
        }
        underWay = promise.futureResult.map { _ in }
        promise.futureResult.assumeIsolated().whenComplete { result in
            self.underWay = nil
            switch result {
            case .success(let readings): self.board.take(readings, at: self.now())
            case .failure(let error as WorldError):
                self.board.miss(.unreachable("\(error.operation): \(error.underlying)"), at: self.now())
            case .failure(let error): self.board.miss(.unreachable("\(error)"), at: self.now())
            }
            self.changed()
        }
    }

    /// Completes when nothing is being measured any more.
    func stop() -> EventLoopFuture<Void> {
        next = .distantFuture
        return underWay?.recover { _ in } ?? loop.makeSucceededVoidFuture()
    }
}
