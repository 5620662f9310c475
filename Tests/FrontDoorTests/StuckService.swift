import NIOCore
import NIOPosix

/// A service that takes a connection and reads nothing from it.
struct StuckService: Sendable {
    let port: Int
    private let channel: any Channel

    static func start() async throws -> StuckService {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = channel.localAddress?.port else { throw Unmet(description: "no port") }
        return StuckService(port: port, channel: channel)
    }

    func stop() async { try? await channel.close() }
}
