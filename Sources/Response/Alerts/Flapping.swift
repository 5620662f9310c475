/// When an alert that begins and ends again and again is taken as one that goes on.
package struct Flapping: Hashable, Codable, Sendable {
    /// How often it must begin again.
    package var times: Int
    /// Within how long.
    package var within: Duration
    /// How long it must stay over to be believed.
    package var calm: Duration

    package init(times: Int = 3, within: Duration = .seconds(1800), calm: Duration = .seconds(600)) {
        self.times = max(1, times)
        self.within = within
        self.calm = calm
    }

    /// What has to be kept of the times at which an alert began again.
    func remembered(_ times: [Moment], now: Moment) -> [Moment] {
        Array(times.filter { $0 + within + calm > now }.suffix(self.times))
    }

    /// Whether an alert began so often lately that its end is not believed yet.
    package func isFlapping(_ alert: Alert) -> Bool {
        guard let last = alert.beganAgain.last else { return false }
        return alert.beganAgain.filter { $0 + within >= last }.count >= times
    }

    /// From when on it is over; what flaps has to stay calm first. `nil` while it fires.
    package func over(_ alert: Alert) -> Moment? {
        guard let ended = alert.endedAt else { return nil }
        return isFlapping(alert) ? ended + calm : ended
    }
}
