import NIOCore

/// Turns a channel's bytes into replies for its ``RedisConnection``.
final class RedisChannelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: RedisConnection
    private let attempt: Int
    private let reader: ReplyReader

    init(_ connection: RedisConnection, attempt: Int) throws(RedisError) {
        self.connection = connection
        self.attempt = attempt
        self.reader = try ReplyReader()
    }

    func channelActive(context: ChannelHandlerContext) {
        connection.connected(context, attempt: attempt)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do throws(RedisError) {
            try reader.feed(unwrapInboundIn(data))
            while let reply = try reader.next() {
                connection.received(reply, attempt: attempt)
            }
        } catch {
            connection.failed(error, attempt: attempt)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        connection.caught(error, context, attempt: attempt)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.disconnected(attempt: attempt, cause: nil)
    }
}
