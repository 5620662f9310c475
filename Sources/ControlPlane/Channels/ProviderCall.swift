import FoundationEssentials
import Response
import World

/// Requests to one provider, and what its answers mean for a page.
struct ProviderCall: Sendable {
    /// As people call it: `Slack`.
    let provider: String
    let caller: HTTPCaller
    let filter: SecretFilter
    let patience: Duration
    let keeper: Timekeeper
    private static let bodyLimit = 64 << 10

    /// Sends a request and has its answer read.
    ///
    /// - Parameters:
    ///   - started: when the attempt began, if this is not its first request.
    func send(
        _ request: HTTPRequest, started: ContinuousClock.Instant = .now,
        _ read: (HTTPRequest.Answer) -> DeliveryAnswer
    ) async -> DeliveryAnswer {
        var request = request
        request.headers["User-Agent"] = "hauban"
        let left = patience - started.duration(to: .now)
        guard left > .zero else { return late }
        do {
            var answer = try await caller.send(request, within: left)
            // Nobody reads on, and the filter need not.
            if answer.body.utf8.count > Self.bodyLimit {
                answer.body = String(decoding: answer.body.utf8.prefix(Self.bodyLimit), as: UTF8.self)
            }
            return filter.clean(read(answer))
        } catch let error as WorldError where error.code == "timed-out" {
            return late
        } catch let error as WorldError {
            return .failed(filter.clean("\(provider) cannot be asked: \(error.underlying)"), retryAfter: nil)
        } catch {
            return .failed(filter.clean("\(provider) cannot be asked: \(error)"), retryAfter: nil)
        }
    }

    private var late: DeliveryAnswer {
        .failed("\(provider) did not answer within \(patience.short)", retryAfter: nil)
    }

    /// What a status means that is not the one for success: what the client did wrong stays wrong, the rest passes.
    ///
    /// - Parameter said: the provider's own words; the whole body where nothing was found in it.
    func refusal(_ answer: HTTPRequest.Answer, said: String? = nil) -> DeliveryAnswer {
        let words = (said ?? answer.body).isEmpty ? "" : ": \(said ?? answer.body)"
        let text = "\(provider) answered \(answer.status)\(words)"
        switch answer.status {
        case 408, 425, 429, 500...599: return .failed(text, retryAfter: retryAfter(answer))
        case 200..<300:
            return .failed("\(provider) answered \(answer.status) with what is no answer of its own", retryAfter: nil)
        default: return .refused(text)
        }
    }

    func retryAfter(_ answer: HTTPRequest.Answer) -> Duration? {
        answer.fields["retry-after"].flatMap { RetryAfter.read($0, now: keeper.date()) }
    }
}

/// The field by which a server says when to come again (RFC 9110 §10.2.3).
enum RetryAfter {
    /// Reads seconds or a date; a date that is past is now.
    static func read(_ text: String, now: Date) -> Duration? {
        let text = text.split(separator: " ").joined(separator: " ")
        if !text.isEmpty, text.allSatisfy({ $0.isASCII && $0.isNumber }) {
            return .seconds(min(Int(text) ?? .max, 86_400))
        }
        // Sun, 06 Nov 1994 08:49:37 GMT
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", words[1].count == 2,
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        let number = (month < 9 ? "0" : "") + "\(month + 1)"
        guard let date = Timestamp.parse("\(words[3])-\(number)-\(words[1])T\(words[4])Z")?.date else { return nil }
        let seconds = date.timeIntervalSince(now)
        return .seconds(min(max(0, Int(seconds.rounded(.up))), 86_400))
    }
}
