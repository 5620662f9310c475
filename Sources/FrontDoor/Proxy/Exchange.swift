import NIOCore

/// One request and its answer, while they pass through.
struct Exchange {
    /// How far the answer has come.
    enum Answer {
        case awaited
        case underway
        case complete
    }

    /// Why a request went to no release; apart, since each request begins and ends with an empty one.
    indirect enum Refusal {
        case rate(RateRefusal)
        case maintenance(FrontDoorConfiguration.Maintenance)
    }

    var started = NIODeadline.uptimeNanoseconds(0)
    var head = RequestHead()
    /// The request's head as it came; the spans of `head` point into it.
    var bytes = ByteBuffer()
    var body = BodyDecoder(.none)
    var bodyLimit = Int.max
    /// The request has arrived to its end.
    var isRequestComplete = true
    var requestID = RequestIdentity.made(0, 0)
    var trace: TraceContext?
    var release: LoopRelease?
    var service: ServiceEntry?
    /// The side of a canary that the client was put on, when its answer should tell it.
    var ticket: Ticket?
    var site: SiteFolder?
    /// The head for the service, kept until an answer begins in case it must be sent again.
    var outgoing = ByteBuffer()
    var upstream: LoopUpstream?
    var connection: UpstreamConnection?
    /// The replica that the request was sent to last.
    var replica: String?
    /// Replicas that refused this request's connection.
    var tried: [LoopUpstream] = []
    var lastConnectTimedOut = false
    var mayRetry = false
    /// Idempotent and without a body: after its retry it may still go to the release that stands in, once.
    var mayHandOver = false
    var answer = Answer.awaited
    var status = 0
    var framing = HeadWriter.ClientFraming.asIs
    var closesAfter = false
    var file: FileTransfer?
    /// Why the front door answered for itself, if it did.
    var reason: Reason?
    /// What the client is told of its rate or of a maintenance.
    var refusal: Refusal?

    // MARK: For the access log

    /// When the head was sent to the replica that answered.
    var sentAt: NIODeadline?
    var answeredAt: NIODeadline?
    /// How often a replica was chosen.
    var attempts = 0
    var bytesOut = 0
    /// From the client through a tunnel.
    var tunnelIn = 0
    var clientLeft = false
    var userAgent = Span32.empty
}
