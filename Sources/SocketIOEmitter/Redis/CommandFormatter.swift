import NIOCore

/// Writes commands in the Redis protocol.
enum CommandFormatter {
    /// All commands in one buffer, in order.
    ///
    /// - Throws: `.invalidCommand` for a command without a name, which Redis would not answer at all.
    static func buffer(of commands: [RedisCommand]) throws(RedisError) -> ByteBuffer {
        // The number of words takes some bytes more.
        var buffer = ByteBufferAllocator().buffer(capacity: size(of: commands) + commands.count * 8)
        var head: [UInt8] = []
        for command in commands {
            if command.isNameless { throw nameless }
            head.removeAll(keepingCapacity: true)
            RedisCommand.append("*", command.count, to: &head)
            buffer.writeBytes(head)
            buffer.writeBytes(command.words)
        }
        return buffer
    }

    /// The bytes of all words of all commands.
    static func size(of commands: [RedisCommand]) -> Int {
        commands.reduce(0) { $0 + $1.words.count }
    }

    /// What is said of a command without a name.
    static var nameless: RedisError {
        RedisError(
            code: .invalidCommand,
            message: "A Redis command without a name cannot be sent. Give its name as the first argument."
        )
    }
}
