import NIOCore
import NIOPosix

/// Opens sockets, and says in plain words why one could not be opened.
enum RedisConnector {
    /// Connects to one server on the event loop; the handler is in place before the first byte.
    static func connect(
        _ configuration: RedisConfiguration,
        to endpoint: RedisConfiguration.Endpoint,
        on eventLoop: any EventLoop,
        makeHandler: @escaping @Sendable () throws -> some ChannelHandler
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            // A pipelined batch must not wait for the acknowledgement of the one before it. (Ignored on Unix sockets.)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if case .tcp(let host, _) = endpoint, let tls = configuration.tls {
                        try channel.pipeline.syncOperations.addHandler(try TLSSetup.handler(tls, host: host))
                    }
                    try channel.pipeline.syncOperations.addHandler(try makeHandler())
                }
            }
        switch endpoint {
        case .tcp(let host, let port): return bootstrap.connect(host: host, port: port)
        case .unix(let path): return bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    /// What a failed attempt means.
    static func explain(_ error: any Error, _ configuration: RedisConfiguration) -> RedisError {
        let place = configuration.place
        if let error = error as? RedisError { return error }
        if let error = error as? NIOConnectionError {
            if let first = error.connectionErrors.first {
                return explain(first.error, configuration)
            }
            return RedisError(
                code: .unreachable,
                message: "The host name \(error.host) has no address. Correct it in the Redis URL, or check DNS.",
                cause: error
            )
        }
        if case ChannelError.connectTimeout? = error as? ChannelError {
            return RedisError(
                code: .timeout,
                message: "Redis at \(place) could not be reached within \(configuration.connectTimeout). "
                    + "Check that it runs there and that no firewall drops the connection.",
                cause: error
            )
        }
        let (what, remedy) = explain(errno: (error as? IOError)?.errnoCode)
        let code: RedisError.Code = (error as? IOError)?.errnoCode == EACCES ? .permission : .unreachable
        let problem = what ?? "failed: \(error)"
        return RedisError(code: code, message: "Redis at \(place) \(problem). \(remedy)", cause: error)
    }

    /// What the end of a connection means that nobody here wanted.
    static func lost(
        _ configuration: RedisConfiguration,
        beforeAnswer: Bool,
        _ cause: (any Error)?
    ) -> RedisError {
        let (what, remedy) =
            beforeAnswer && configuration.tls == nil
            ? ("was closed before it answered", "If it speaks TLS there, write rediss:// in the Redis URL.")
            : ("was lost", "It is made again with the next command.")
        return RedisError(
            code: .connectionLost,
            message: "The connection to Redis at \(configuration.place) \(what). \(remedy)",
            cause: cause
        )
    }

    private static func explain(errno code: CInt?) -> (what: String?, remedy: String) {
        switch code {
        case ECONNREFUSED: ("refuses connections", "Start it, or correct the address in the Redis URL.")
        case ENOENT: ("has no socket there", "Start it, or correct the path in the Redis URL.")
        case EACCES: ("may not be opened by this user", "Give this user's group access to the socket.")
        case ENETUNREACH, EHOSTUNREACH: ("has no route to it", "Check the address and the network.")
        case ETIMEDOUT: ("does not answer", "Check that it runs there and that no firewall drops the connection.")
        default: (nil, "Check the address in the Redis URL and the network.")
        }
    }
}
