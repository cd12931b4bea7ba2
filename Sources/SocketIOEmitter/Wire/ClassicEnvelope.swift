import Payload

/// What goes around the data of a message of the classic wire, made once for all messages to the same target.
///
/// Where thousands of messages go to one room, only their data differ.
final class ClassicEnvelope {
    private let target: Broadcast
    /// `PUBLISH` and the channel.
    private let beginning: RedisCommand
    private let form: MessagePackForm
    private let head: [UInt8]
    private let tail: [UInt8]
    /// The event that was found to be allowed.
    private let event: String

    /// Makes the envelope of a broadcast, with all that is refused for its target or its event.
    ///
    /// - Returns: nil where the message is more than its parts one after the other: JSON, binary data for an old parser.
    init?(_ wire: ClassicWire, of broadcast: Broadcast) throws(EmitterError) {
        guard wire.encoding == .messagePack, wire.generation != .two else { return nil }
        try wire.check(broadcast)
        try broadcast.data.check()
        target = broadcast
        event = broadcast.data.event
        var beginning = RedisCommand(capacity: 64)
        beginning.append("PUBLISH")
        beginning.append(wire.channel(for: broadcast))
        self.beginning = beginning
        form = wire.form
        (head, tail) = wire.surroundings(of: broadcast)
    }

    /// The command of another broadcast.
    ///
    /// - Returns: nil where its target is another.
    /// - Throws: `.reservedEvent`, `.payload`, as ``ClassicWire/command(for:)`` does.
    func command(for broadcast: Broadcast) throws(EmitterError) -> RedisCommand? {
        guard try holds(broadcast) else { return nil }
        var command = beginning
        append(broadcast.data, to: &command)
        return command
    }

    /// Appends the command of another broadcast.
    ///
    /// - Returns: false where its target is another.
    /// - Throws: `.reservedEvent`, `.payload`, as ``ClassicWire/command(for:)`` does.
    func append(_ broadcast: Broadcast, to commands: inout CommandGroups) throws(EmitterError) -> Bool {
        guard try holds(broadcast) else { return false }
        commands.append(sharing: beginning) { append(broadcast.data, to: &$0) }
        return true
    }

    private func holds(_ broadcast: Broadcast) throws(EmitterError) -> Bool {
        guard broadcast.hasSameTarget(as: target) else { return false }
        if broadcast.data.event == event { try broadcast.data.checkEncodable() } else { try broadcast.data.check() }
        return true
    }

    private func append(_ data: EventData, to command: inout RedisCommand) {
        let most = head.count + data.mostMessagePack + tail.count
        command.append(atMost: most, form) { cursor in
            head.withUnsafeBufferPointer { cursor.writeRaw($0) }
            data.write(to: &cursor)
            tail.withUnsafeBufferPointer { cursor.writeRaw($0) }
        }
    }
}
