import Response
import World

/// Where what senders ask for goes: decided at once, or put by for the process that decides.
///
/// Belongs to one event loop.
protocol DeedSink: AnyObject {
    /// As much waits as may: nothing more is to be taken now.
    var isFull: Bool { get }
    /// Takes what one message asks for, and answers when it is on disk.
    func take(_ deeds: [IngestDeed], at moment: Moment, _ answer: @escaping (DeedOutcome) -> Void)
}

/// What came of what a message asked for.
enum DeedOutcome {
    case taken
    /// All but so many new alerts, since as many as may be are known.
    case takenBut(Int)
    /// The sender has to hear why it is not done.
    case refused(Refusal)
    case unwritten(WorldError)
}
