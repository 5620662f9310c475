import NIOCore

/// An answer that the front door gives in a service's stead: a page for people, JSON for programs.
struct OwnAnswer {
    let reason: Reason
    let requestID: String
    var maintenance: FrontDoorConfiguration.Maintenance?
    /// Seconds after which it makes sense to ask again.
    var retryAfter: Int?

    /// Reasons that visitors see through no fault of theirs.
    static func hasPage(_ reason: Reason) -> Bool {
        [429, 502, 503, 504].contains(reason.status) && reason != .connectionLimit
    }

    /// Fields with their line ends, and the body.
    ///
    /// - Parameter wishes: `nil` for a reason without a page.
    func written(for wishes: Wishes?) -> (fields: ByteBuffer, body: ByteBuffer) {
        var fields = ByteBuffer(string: "X-Hauban-Reason: \(reason.rawValue)\r\n")
        if let retryAfter { fields.writeString("Retry-After: \(retryAfter)\r\n") }
        if wishes != nil {
            // A stored answer would outlive its cause, and be shown to clients that want another form of it.
            fields.writeStaticString("Cache-Control: no-store\r\nVary: Accept, Accept-Language\r\n")
        }
        guard let wishes, wishes.wantsPage else {
            fields.writeStaticString("Content-Type: application/json\r\n")
            return (fields, json())
        }
        fields.writeStaticString("Content-Type: text/html; charset=utf-8\r\n")
        if let page = maintenance?.page { return (fields, ByteBuffer(string: page)) }
        fields.writeString("Content-Language: \(wishes.language.rawValue)\r\n")
        fields.writeString(
            "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
                + "form-action 'none'; frame-ancestors 'none'\r\n")
        let page = OwnPage(
            words: OwnWords(reason, wishes.language, until: maintenance?.until, retryAfter: retryAfter),
            language: wishes.language, message: maintenance?.message, requestID: requestID)
        return (fields, ByteBuffer(string: page.html))
    }

    private func json() -> ByteBuffer {
        var body = ByteBuffer()
        body.writeString("{\"error\":{\"status\":\(reason.status),\"reason\":\"\(reason.rawValue)\",\"message\":")
        body.writeJSONString(maintenance?.message ?? reason.sentence)
        if let until = maintenance?.until {
            body.writeString(",\"until\":\"\(UnixTime.timestamp(microseconds: until * 1_000_000))\"")
        }
        body.writeStaticString(",\"requestId\":")
        body.writeJSONString(requestID)
        body.writeStaticString("}}\n")
        return body
    }
}
