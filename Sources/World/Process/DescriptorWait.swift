/// Waiting for a descriptor without holding a thread.
package enum DescriptorWait {
    package enum Direction: Sendable { case readable, writable }

    /// Waits until the descriptor is ready; works for sockets and pidfds.
    ///
    /// The descriptor must stay open until this returns.
    /// - Returns: false when the time is over or the task was cancelled.
    package static func wait(for descriptor: Int32, _ direction: Direction, timeout: Duration?) async -> Bool {
        let poller = Poller.shared
        let ticket = poller.newTicket()
        defer { poller.forget(ticket) }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                poller.add(
                    ticket, Poller.Wait(descriptor: descriptor, direction: direction, continuation: continuation),
                    timeout)
            }
        } onCancel: {
            poller.cancel(ticket)
        }
    }
}
