/// What a release is verified by after it was kept, besides what follows from the rest of the platform.
package struct Verification: Sendable, Hashable {
    /// How long the limits of `accept` are measured.
    package var time: Duration
    /// Whether an alert of the platform's own must become an incident of its control plane.
    package var incident: Bool
    /// What somebody does with the platform from one end to the other, step by step.
    package var flows: [PlainName: [FlowStep]]

    package static let usual = Verification(time: .seconds(30), incident: false, flows: [:])

    static let shape: Shape<Verification> = .record(
        "verification", "What is looked at after a release, besides what follows from the rest.",
        show: { "{for: \(DurationText.text($0.time))}" }
    ) { f in
        let time = f.value(
            "for", .duration, default: usual.time, "How long the limits of `accept` are measured.", example: "5m")
        let incident = f.value(
            "incident", .boolean, default: false, because: "it tells whoever is told of low alerts",
            "Send a low alert to the control plane of this environment, which must open an incident within 30 s; then it is "
                + "resolved.")
        let flows = f.value(
            "flows", .map(of: .list(of: FlowStep.shape), key: PlainName.shape("a flow's name")), default: [:],
            because: "none",
            "What somebody does with the platform from one end to the other: requests to its public routes, one after another.",
            example: "{order: [{post: /api/orders, json: {note: \"${run}\"}, expect: {status: 201}}]}")
        return Verification(time: time, incident: incident, flows: flows)
    }
}

/// One request of a flow, and the answer that is expected.
package struct FlowStep: Sendable, Hashable {
    /// Its path, headers, body and expected text may hold `${run}`.
    package var request: SmokeRequest
    /// A label or name of `expose`; any route that takes the path when absent.
    package var host: String?
    /// The request is sent again until it passes, at most this long; once when nil.
    package var again: Duration?

    static let shape: Shape<FlowStep> = .record(
        "flow step",
        "A request of a flow and the answer that is expected. In its path, headers, body and expected text `${run}` stands for "
            + "a word that no other run has."
    ) { f in
        let outline = SmokeRequest.outline(&f, "flow step")
        let host = f.optional(
            "host", .text("a host as in `expose`"),
            "The host that is asked, as `expose` says it; any that takes the path.",
            example: "www")
        let expect = f.value(
            "expect", FlowExpectation.shape, default: .ok, because: "200", "The answer that passes.")
        return FlowStep(
            request: outline.request(status: expect.status, contains: expect.contains, within: expect.within),
            host: host, again: expect.again)
    }

    private struct FlowExpectation: Sendable {
        var status: Int
        var contains: String?
        var within: Duration
        var again: Duration?

        static let ok = FlowExpectation(status: 200, contains: nil, within: .seconds(10), again: nil)

        static let shape: Shape<FlowExpectation> = .record(
            "flow expectation", "The answer that passes.", show: { "{status: \($0.status)}" }
        ) { f in
            let status = f.value("status", .integer(100...599), default: 200, "HTTP status.")
            let contains = f.optional("contains", .text(), "Text that the body must hold.")
            let within = f.value("within", .duration, default: .seconds(10), "Longest time to one whole answer.")
            let again = f.optional(
                "again-for", .duration,
                "Send the request again until its answer passes, at most this long: for what takes a moment to become true.",
                example: "30s")
            return FlowExpectation(status: status, contains: contains, within: within, again: again)
        }
    }
}
