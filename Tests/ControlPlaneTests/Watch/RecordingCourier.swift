import ControlPlane
import Response
import Spec
import Synchronization

/// Takes messages and says what a test wants said of each.
final class RecordingCourier: Courier {
    private struct Contents: Sendable {
        var dispatches: [Dispatch] = []
        var answers: [DeliveryAnswer] = []
        var isSilent = false
    }

    private let contents = Mutex(Contents())

    /// - Parameter answers: to the first attempts; everything else is accepted.
    init(_ answers: [DeliveryAnswer] = []) { contents.withLock { $0.answers = answers } }

    var dispatches: [Dispatch] { contents.withLock { $0.dispatches } }

    /// What was sent, as `ana by sms: page`.
    var lines: [String] {
        dispatches.map { dispatch in
            let kind =
                switch dispatch.message.kind {
                case .page: "page"
                case .acknowledged: "acknowledged"
                case .resolved: "resolved"
                case .update: "update"
                case .summary: "summary"
                case .test: "test"
                }
            return "\(dispatch.contact.address) by \(dispatch.contact.kind.rawValue): \(kind)"
        }
    }

    /// Gives no answer any more.
    func fallSilent() { contents.withLock { $0.isSilent = true } }

    func deliver(_ dispatch: Dispatch) async -> DeliveryAnswer {
        let (answer, isSilent) = contents.withLock { contents in
            contents.dispatches.append(dispatch)
            return (contents.answers.isEmpty ? nil : contents.answers.removeFirst(), contents.isSilent)
        }
        if isSilent { try? await Task.sleep(for: .seconds(3600)) }
        return answer ?? .accepted(reference: "ref-\(dispatch.page)")
    }
}
