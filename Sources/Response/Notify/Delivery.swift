/// What a provider answered to one attempt.
package enum DeliveryAnswer: Hashable, Codable, Sendable {
    /// It took the message; the reference is its name for it.
    case accepted(reference: String?)
    /// It will never take it: no such channel, a wrong number, an invalid key.
    case refused(String)
    /// It did not take it now: no connection, 5xx, 429.
    case failed(String, retryAfter: Duration?)
}

/// How long to wait before a message is tried again.
package struct Backoff: Hashable, Codable, Sendable {
    package var first: Duration
    package var most: Duration
    package var attempts: Int
    /// From an attempt to the time at which silence counts as a failure.
    package var patience: Duration

    package init(
        first: Duration = .seconds(2), most: Duration = .seconds(300), attempts: Int = 12,
        patience: Duration = .seconds(60)
    ) {
        self.first = first
        self.most = most
        self.attempts = max(1, attempts)
        self.patience = patience
    }

    /// The wait after an attempt, doubling from the first; half of it is fixed and half is left to chance, so that many
    /// that failed together do not come back together. `nil` after the last.
    ///
    /// - Parameters:
    ///   - random: from 0 to 1, from outside.
    ///   - asked: what the provider asked for: never less than that.
    package func wait(after attempt: Int, random: Double, asked: Duration? = nil) -> Duration? {
        guard attempt < attempts else { return nil }
        let doubled = Double(first.milliseconds) * Double(1 << min(20, max(0, attempt - 1)))
        let whole = min(doubled, Double(most.milliseconds))
        let chance = min(1, max(0, random.isNaN ? 0.5 : random))
        let wait = Duration.milliseconds(Int(whole / 2 + whole / 2 * chance))
        // A provider that asks for days would be no way to be told.
        return asked.map { max(wait, min($0, .seconds(3600))) } ?? wait
    }
}

/// How many messages one reader is sent by one way, within how long, before the rest is summarised.
package struct RateLimit: Hashable, Codable, Sendable {
    package var messages: Int
    package var within: Duration

    package init(messages: Int = 6, within: Duration = .seconds(300)) {
        self.messages = max(1, messages)
        self.within = within
    }

    /// When the next may go, given when the last ones went.
    package func next(after sent: [Moment], now: Moment) -> Moment {
        let recent = sent.filter { $0 + within > now }.sorted()
        guard recent.count >= messages else { return now }
        return recent[recent.count - messages] + within
    }
}
