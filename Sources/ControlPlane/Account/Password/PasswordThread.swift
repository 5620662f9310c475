package import NIOCore
import NIOPosix

/// Hashes passwords beside the event loop, one after another: memory for one hash, and one core for paging. Not on the threads
/// of Swift's tasks, which are as many as cores, and send pages.
package final class PasswordThread {
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let loop: any EventLoop
    private let room: Int
    private var waiting = 0
    private var stopped: EventLoopPromise<Void>?

    /// - Parameters:
    ///   - loop: all calls and all answers are on it.
    ///   - room: how many may wait; sixteen take four seconds.
    package init(loop: any EventLoop, room: Int = 16) {
        self.loop = loop
        self.room = room
        pool.start()
    }

    /// Performs the work, then tells its result on the event loop.
    ///
    /// - Returns: `false` where too many wait already; nothing is told then.
    package func perform(_ work: PasswordWork, _ told: @escaping (PasswordWork.Result) -> Void) -> Bool {
        loop.preconditionInEventLoop()
        guard waiting < room else { return false }
        waiting += 1
        pool.runIfActive(eventLoop: loop) { work.perform() }.assumeIsolated().whenComplete { [self] result in
            waiting -= 1
            switch result {
            case .success(let result): told(result)
            case .failure: told(.failed)
            }
            if waiting == 0 { stopped?.succeed(()) }
        }
        return true
    }

    /// Finishes the hash under way, and tells the others that they failed.
    ///
    /// - Returns: when everything was told.
    package func stop() -> EventLoopFuture<Void> {
        let promise = stopped ?? loop.makePromise(of: Void.self)
        stopped = promise
        pool.shutdownGracefully { _ in }
        if waiting == 0 { promise.succeed(()) }
        return promise.futureResult
    }

    deinit { pool.shutdownGracefully { _ in } }
}
