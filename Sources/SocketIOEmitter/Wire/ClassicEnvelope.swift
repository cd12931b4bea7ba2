import Payload

/// What goes around the data of a message of the classic wire, made once for all messages to the same target.
///
/// Where thousands of messages go to one room, only their data differ.
struct ClassicEnvelope {
    private let target: Broadcast
    /// `PUBLISH` and the channel.
    private let beginning: RedisCommand
    private let head: [UInt8]
    private let tail: [UInt8]
    /// The event that was found to be allowed.
    private let event: String

    /// Makes the envelope of a broadcast, with all that is refused for its target or its event.
    ///
    /// - Returns: nil where the message is more than its parts one after the other: JSON, binary data for an old parser.
    init?(_ wire: ClassicWire, of broadcast: Broadcast) throws(EmitterError) {
        guard wire.encoding == .messagePack, wire.generation != .two, wire.dates == .texts else { return nil }
        try wire.check(broadcast)
        try broadcast.data.check()
        target = broadcast
        event = broadcast.data.event
        var beginning = RedisCommand(capacity: 64)
        beginning.append("PUBLISH")
        beginning.append(wire.channel(for: broadcast))
        self.beginning = beginning
        (head, tail) = wire.surroundings(of: broadcast)
    }

    /// The command of another broadcast.
    ///
    /// - Returns: nil where its target is another.
    /// - Throws: `.reservedEvent`, `.payload`, as ``ClassicWire/command(for:)`` does.
    func command(for broadcast: Broadcast) throws(EmitterError) -> RedisCommand? {
        guard broadcast.hasSameTarget(as: target) else { return nil }
        if broadcast.data.event == event { try broadcast.data.checkEncodable() } else { try broadcast.data.check() }
        return broadcast.data.withMessagePack { data in
            head.withUnsafeBufferPointer { head in
                tail.withUnsafeBufferPointer { tail in
                    let size = head.count + data.count + tail.count
                    var command = RedisCommand(capacity: beginning.words.count + size + 16)
                    command.append(contentsOf: beginning)
                    command.append(parts: (head, data, tail))
                    return command
                }
            }
        }
    }
}
