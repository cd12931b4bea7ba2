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
        guard let most = try measure(broadcast) else { return nil }
        var command = beginning
        append(broadcast.data, atMost: most, to: &command)
        return command
    }

    /// Appends the command of another broadcast.
    ///
    /// - Returns: false where its target is another.
    /// - Throws: `.reservedEvent`, `.payload`, as ``ClassicWire/command(for:)`` does.
    func append(_ broadcast: Broadcast, to commands: inout CommandGroups) throws(EmitterError) -> Bool {
        guard let most = try measure(broadcast) else { return false }
        commands.append(sharing: beginning) { append(broadcast.data, atMost: most, to: &$0) }
        return true
    }

    /// The most bytes that the data of another broadcast are; nil where its target is another.
    private func measure(_ broadcast: Broadcast) throws(EmitterError) -> Int? {
        guard broadcast.hasSameTarget(as: target) else { return nil }
        return try broadcast.data.event == event ? broadcast.data.checkEncodable() : broadcast.data.check()
    }

    private func append(_ data: EventData, atMost most: Int, to command: inout RedisCommand) {
        command.append(atMost: head.count + most + tail.count, form) { cursor in
            head.withUnsafeBufferPointer { cursor.writeRaw($0) }
            data.write(to: &cursor)
            tail.withUnsafeBufferPointer { cursor.writeRaw($0) }
        }
    }
}
