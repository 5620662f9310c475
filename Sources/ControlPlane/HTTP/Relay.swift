import World

/// An answer without an end that another process gives, to be passed on as it comes.
package struct Relay: Sendable {
    /// Its media type.
    package let type: String
    private let answer: IncomingAnswer

    init(_ answer: IncomingAnswer, type: String) {
        self.answer = answer
        self.type = type
    }

    /// Passes on each piece, until the answer ends or the task is cancelled.
    func pass(_ take: @Sendable ([UInt8]) -> Void) async {
        // Where it breaks off, its reader asks anew.
        try? await answer.pieces(take)
    }
}
