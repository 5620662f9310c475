import FrontDoor
import NIOCore
import Response

/// Takes a `POST /api/v2/alerts` by the same rules as ``AlertIntake``, and has it put by instead of decided.
///
/// Belongs to one event loop.
final class SpooledAlerts {
    private let sink: any DeedSink
    private let limits: IngestLimits
    private let rules: AlertRules
    private let now: () -> Moment
    private var text = AlertText()
    var resolveTimeout = Duration.seconds(300)
    private(set) var counts = AlertIntake.Counts()

    init(_ sink: any DeedSink, limits: IngestLimits, now: @escaping () -> Moment) {
        self.sink = sink
        self.limits = limits
        self.now = now
        rules = AlertRules(limits: limits)
    }

    func post(_ request: RequestReader.Request, _ answer: @escaping (Answer) -> Void) {
        if let refusal = AlertmanagerAPI.isJSON(request) { return answer(refusal) }
        guard !sink.isFull else {
            return answer(
                .tryLater("too many alerts wait to be handed over; nothing of this request was taken", seconds: 5))
        }
        if request.body.readableBytes == 0 { return answer(.problem(422, code: 602, "alerts in body is required")) }
        let moment = now()
        counts.requests += 1
        var tally = AlertIntake.Tally()
        var deeds: [IngestDeed] = []
        request.body.withUnsafeReadableBytes { body in
            do throws(JSONScanner.Fault) {
                try read(body, moment, &tally, &deeds)
            } catch {
                tally.broken = error
            }
        }
        counts.invalid += tally.faults.count
        counts.changed += deeds.count
        let verdict = AlertmanagerAPI.verdict(tally, limits)
        guard !deeds.isEmpty else { return answer(verdict) }
        sink.take(deeds, at: moment) { outcome in
            switch outcome {
            case .taken, .takenBut, .refused: answer(verdict)
            case .unwritten(let error): answer(.tryLater("alerts cannot be written: \(error)", status: 503, seconds: 5))
            }
        }
    }

    private func read(
        _ body: UnsafeRawBufferPointer, _ now: Moment, _ tally: inout AlertIntake.Tally, _ deeds: inout [IngestDeed]
    ) throws(JSONScanner.Fault) {
        var scanner = JSONScanner(body)
        if try scanner.takeNull() { return }
        try scanner.expect(0x5b)
        if scanner.take(0x5d) { return }
        var index = 0
        repeat {
            try text.read(&scanner, index: index)
            counts.received += 1
            do throws(AlertText.Fault) {
                if let fault = text.fault { throw fault }
                deeds.append(
                    .report(
                        try rules.report(text, scanner, index: index, now: now, resolveTimeout: resolveTimeout)))
            } catch {
                tally.faults.append((index, error))
            }
            index += 1
        } while scanner.take(0x2c)
        try scanner.expect(0x5d)
    }
}
