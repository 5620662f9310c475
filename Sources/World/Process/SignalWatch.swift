import CLinux
import Glibc
import Synchronization

/// Signals of this process, as values.
///
/// Not Dispatch sources: those are armed some time after the call that asks for them, and a signal that comes in between is
/// lost when it is ignored, or ends the process when it is not. Here the handler is in force at once and writes the number into a
/// pipe, whichever thread it runs on; one thread lets every signal through, since those of Dispatch block them.
package enum SignalWatch {
    /// The signals from now on, each time one arrives; their default effect is gone for the rest of the process's life.
    ///
    /// Caught when this returns, so nothing that arrives later is lost. Several watches of one signal all get it.
    package static func stream(_ signals: [Int32]) -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        let ticket = SignalThread.shared.add(signals, continuation)
        continuation.onTermination = { _ in SignalThread.shared.remove(ticket) }
        return stream
    }
}

/// The thread that takes signals, and who waits for them.
private final class SignalThread: Sendable {
    private struct State {
        var watches: [Int: (signals: [Int32], continuation: AsyncStream<Int32>.Continuation)] = [:]
        var next = 0
    }

    /// Lives as long as the process, as handlers do.
    static let shared = SignalThread()

    private let state = Mutex(State())
    private let reader: Int32

    private init() {
        reader = clinux_signal_pipe()
        precondition(reader >= 0, "no descriptor left for signals: \(SystemError.last)")
        var thread = pthread_t()
        let started = pthread_create(
            &thread, nil,
            { _ in
                SignalThread.shared.run()
                return nil
            }, nil)
        precondition(started == 0, "no thread for signals: \(SystemError(started))")
        pthread_detach(thread)
    }

    func add(_ signals: [Int32], _ continuation: AsyncStream<Int32>.Continuation) -> Int {
        let ticket = state.withLock { state in
            state.next += 1
            state.watches[state.next] = (signals, continuation)
            return state.next
        }
        for signal in signals { clinux_signal_catch(signal) }
        return ticket
    }

    func remove(_ ticket: Int) { state.withLock { _ = $0.watches.removeValue(forKey: ticket) } }

    private func run() {
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        var number: UInt8 = 0
        while true {
            let count = read(reader, &number, 1)
            guard count == 1 else {
                if count < 0 && errno == EINTR { continue }
                return
            }
            let signal = Int32(number)
            let waiting = state.withLock { $0.watches.values.filter { $0.signals.contains(signal) } }
            for watch in waiting { watch.continuation.yield(signal) }
        }
    }
}
