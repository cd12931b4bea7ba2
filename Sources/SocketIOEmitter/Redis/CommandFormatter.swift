import CHiredis
import NIOCore

/// Writes commands in the Redis protocol; hiredis does the framing.
///
/// It is kept for a whole batch so that its scratch space is allocated once.
struct CommandFormatter {
    private var bytes: [UInt8] = []
    private var lengths: [Int] = []
    private var pointers: [UnsafePointer<CChar>?] = []

    /// All commands in one buffer, in order.
    ///
    /// - Throws: `.invalidCommand` for a command without a name, which Redis would not answer at all.
    static func buffer(of commands: [RedisCommand], payloadBytes: Int) throws(RedisError) -> ByteBuffer {
        // A short command of three arguments is framed by about 40 bytes.
        var buffer = ByteBufferAllocator().buffer(capacity: payloadBytes + commands.count * 48)
        var formatter = CommandFormatter()
        for command in commands {
            try formatter.format(command, into: &buffer)
        }
        return buffer
    }

    /// The bytes of all arguments of all commands.
    static func payloadBytes(of commands: [RedisCommand]) -> Int {
        var sum = 0
        for command in commands {
            for argument in command.arguments {
                sum += argument.count
            }
        }
        return sum
    }

    /// What is said of a command without a name.
    static var nameless: RedisError {
        RedisError(
            code: .invalidCommand,
            message: "A Redis command without a name cannot be sent. Give its name as the first argument."
        )
    }

    private mutating func format(_ command: RedisCommand, into buffer: inout ByteBuffer) throws(RedisError) {
        guard let name = command.arguments.first, !name.isEmpty else {
            throw Self.nameless
        }
        // One flat copy, so that every argument has an address at the same time however many there are.
        bytes.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        for argument in command.arguments {
            bytes.append(contentsOf: argument)
            lengths.append(argument.count)
        }
        var formatted: UnsafeMutablePointer<CChar>?
        let count = bytes.withUnsafeBufferPointer { flat in
            flat.withMemoryRebound(to: CChar.self) { flat in
                point(into: flat)
                return Int(redisFormatCommandArgv(&formatted, Int32(lengths.count), &pointers, &lengths))
            }
        }
        guard count > 0, let formatted else {
            throw RedisError(
                code: .invalidCommand,
                message: "hiredis could not write a command of \(bytes.count) bytes. Send it in smaller parts."
            )
        }
        defer { redisFreeCommand(formatted) }
        buffer.writeBytes(UnsafeRawBufferPointer(start: formatted, count: count))
    }

    private mutating func point(into flat: UnsafeBufferPointer<CChar>) {
        pointers.removeAll(keepingCapacity: true)
        var offset = 0
        for length in lengths {
            pointers.append(flat.baseAddress.map { $0 + offset })
            offset += length
        }
    }
}
