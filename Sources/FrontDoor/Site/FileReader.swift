import NIOCore
import NIOPosix

/// The threads that may wait for a disk.
struct FileReader: Sendable {
    let threads: NIOThreadPool

    /// Bytes read from a file at a time.
    static let chunk = 128 * 1024

    struct Opened: Sendable {
        let answer: FileAnswer
        let plan: FileBody.Plan?
        /// The beginning of the planned range, read at once so that a small file takes one turn; `nil` when unreadable.
        let first: ByteBuffer?
    }

    func open(
        _ folder: SiteFolder, _ request: FileRequest, wantsBody: Bool, on eventLoop: any EventLoop
    ) -> EventLoopFuture<Opened> {
        threads.runIfActive(eventLoop: eventLoop) {
            let answer = folder.open(request)
            guard case .file(let body) = answer else { return Opened(answer: answer, plan: nil, first: nil) }
            let plan = body.plan(request)
            let count = wantsBody ? min(plan.range.count, Self.chunk) : 0
            let first = count == 0 ? ByteBuffer() : body.file.read(from: plan.range.lowerBound, count: count)
            return Opened(answer: answer, plan: plan, first: first)
        }
    }

    func read(_ file: OpenFile, _ range: Range<Int>, on eventLoop: any EventLoop) -> EventLoopFuture<ByteBuffer?> {
        threads.runIfActive(eventLoop: eventLoop) { file.read(from: range.lowerBound, count: range.count) }
    }
}
