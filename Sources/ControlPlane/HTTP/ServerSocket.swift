import NIOCore
import NIOPosix
import NIOSSL
import World

/// An address that one of our servers listens on.
struct ServerSocket {
    var host: String
    var port: Int
    var tls: NIOSSLContext?

    /// Listens on an event loop.
    ///
    /// - Parameter server: asked on the loop, for each connection.
    /// - Throws: `WorldError` with `bind-failed`
    func listen(
        _ group: MultiThreadedEventLoopGroup, _ server: @escaping @Sendable () -> APIServer
    ) async throws -> any Channel {
        let tls = tls
        do {
            return try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelOption(.maxMessagesPerRead, value: 64)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.maxMessagesPerRead, value: 4)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let tls {
                            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                        }
                        try channel.pipeline.syncOperations.addHandler(APIConnection(server: server()))
                    }
                }
                .bind(host: host, port: port).get()
        } catch {
            throw WorldError(
                code: "bind-failed", operation: "listen on \(host):\(port)",
                underlying: "\(error)", hint: "Give another address with --listen, or end what listens there.")
        }
    }

    /// - Throws: `WorldError` with `certificate-invalid`
    static func context(_ tls: ControlPlaneConfiguration.TLS) throws -> NIOSSLContext {
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(tls.certificate)
            var settings = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: tls.key, format: .pem)))
            settings.minimumTLSVersion = .tlsv12
            settings.applicationProtocols = ["http/1.1"]
            return try NIOSSLContext(configuration: settings)
        } catch {
            throw WorldError(
                code: "certificate-invalid", operation: "read \(tls.certificate) and its key",
                underlying: "\(error)", hint: "Give a certificate chain and its private key in PEM.")
        }
    }
}
