/// What a release held when its drain time was over, and was ended.
package struct CutCounts: Codable, Sendable, Hashable {
    /// Requests without an answer yet, or in the middle of one.
    package var requests: Int
    package var webSockets: Int
    /// Connections that were upgraded to another protocol.
    package var tunnels: Int

    package init(requests: Int = 0, webSockets: Int = 0, tunnels: Int = 0) {
        self.requests = requests
        self.webSockets = webSockets
        self.tunnels = tunnels
    }

    package var total: Int { requests + webSockets + tunnels }

    /// `2 requests and 1 WebSocket were cut`; `nil` when nothing was.
    package var sentence: String? {
        func part(_ count: Int, _ noun: String) -> String? {
            count == 0 ? nil : "\(count) \(noun)\(count == 1 ? "" : "s")"
        }
        let parts = [part(requests, "request"), part(webSockets, "WebSocket"), part(tunnels, "upgraded connection")]
            .compactMap { $0 }
        guard let last = parts.last else { return nil }
        let all = parts.count == 1 ? last : parts.dropLast().joined(separator: ", ") + " and " + last
        return all + (total == 1 ? " was cut" : " were cut")
    }
}
