import Glibc
import Testing
import World

/// SIGUSR1 and SIGUSR2, which nothing else here uses. One after another: signals are the process's.
@Suite("Signals", .serialized, .timeLimit(.minutes(1)))
struct SignalWatchTests {
    @Test("each one arrives, whichever thread of the process it meets")
    func arrives() async {
        var signals = SignalWatch.stream([SIGUSR1]).makeAsyncIterator()
        for round in 0..<500 {
            if round % 2 == 0 {
                kill(getpid(), SIGUSR1)
            } else {
                // To this thread alone; threads of the pool block signals, so it has to let this one through.
                Self.withUnblocked(SIGUSR1) { _ = pthread_kill(pthread_self(), SIGUSR1) }
            }
            #expect(await signals.next(isolation: nil) == SIGUSR1)
        }
    }

    @Test("everybody who watches a signal gets it, and nobody else")
    func shared() async {
        var first = SignalWatch.stream([SIGUSR1, SIGUSR2]).makeAsyncIterator()
        var second = SignalWatch.stream([SIGUSR2]).makeAsyncIterator()
        kill(getpid(), SIGUSR1)
        #expect(await first.next(isolation: nil) == SIGUSR1)
        kill(getpid(), SIGUSR2)
        #expect(await first.next(isolation: nil) == SIGUSR2)
        #expect(await second.next(isolation: nil) == SIGUSR2)
    }

    @Test("one that arrives before anybody waits is kept")
    func early() async {
        let signals = SignalWatch.stream([SIGUSR1])
        kill(getpid(), SIGUSR1)
        for await number in signals {
            #expect(number == SIGUSR1)
            break
        }
    }

    private static func withUnblocked(_ number: Int32, _ body: () -> Void) {
        var set = sigset_t()
        var before = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        pthread_sigmask(SIG_UNBLOCK, &set, &before)
        body()
        pthread_sigmask(SIG_SETMASK, &before, nil)
    }
}
