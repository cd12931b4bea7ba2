/// What is emitted: the name of an event and its arguments.
///
/// The arguments are held as values, or encoded: a message that is sent many times is encoded once, when it is
/// stored, and its bytes go out unchanged.
///
/// ```swift
/// let event = EventData(event: "announcement", arguments: ["Maintenance at noon", ["level": 3]])
/// event.messagePack()     // of ["announcement", "Maintenance at noon", {"level": 3}]
/// try event.json()        // ["announcement","Maintenance at noon",{"level":3}]
/// ```
///
/// Two events are equal when they hold the same thing in the same form.
public struct EventData: Hashable, Sendable {
    private enum Content: Hashable, Sendable {
        case values(event: String, [PayloadValue])
        case encoded(EncodedEvent)
    }

    private let content: Content

    /// The name of the event.
    public var event: String {
        switch content {
        case .values(let event, _): event
        case .encoded(let encoded): encoded.event
        }
    }

    /// Names that Socket.IO keeps for itself: a client that receives one reports a parse error and is disconnected.
    ///
    /// Source: `RESERVED_EVENTS` of @socket.io/redis-emitter 5.1.0, lib/index.ts, which refuses them before
    /// publishing.
    public static let reservedNames: Set<String> = [
        "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
    ]

    /// Whether a name is one of ``reservedNames``.
    package static func isReserved(_ name: String) -> Bool {
        // To hash a name takes as long as to write it; most have another length.
        reservedLengths.contains(name.utf8.count) && reservedNames.contains(name)
    }

    private static let reservedLengths = reservedNames.map(\.utf8.count)

    /// Makes an event from its arguments as values; they are encoded each time that they are asked for.
    public init(event: String, arguments: [PayloadValue]) {
        content = .values(event: event, arguments)
    }

    /// Makes an event from encodings that were made when it was stored; they are trusted, not parsed.
    ///
    /// It is for this package alone: bytes that are no MessagePack end every server that gets them.
    ///
    /// - Parameters:
    ///   - event: The name of the event.
    ///   - json: The JSON text of the array of the arguments, without the event; empty if they have no JSON form
    ///     because there is binary data inside.
    ///   - messagePack: The MessagePack of the whole array: the event, then the arguments.
    package init(event: String, encodedArguments json: [UInt8], messagePack: [UInt8]) {
        content = json.withUnsafeBufferPointer { json in
            messagePack.withUnsafeBufferPointer { .encoded(EncodedEvent(event: event, json: json, messagePack: $0)) }
        }
    }

    /// The same, of bytes that are copied.
    package init(
        event: String,
        encodedArguments json: UnsafeBufferPointer<UInt8>,
        messagePack: UnsafeBufferPointer<UInt8>
    ) {
        content = .encoded(EncodedEvent(event: event, json: json, messagePack: messagePack))
    }

    /// Whether there is binary data among the arguments, which have no JSON form then.
    public var hasBinary: Bool {
        switch content {
        case .values(_, let arguments): arguments.contains(where: \.hasBinary)
        case .encoded(let encoded): !encoded.hasJSON
        }
    }

    /// Refuses arguments that receivers cannot take; what was encoded when it was stored was read with these limits.
    ///
    /// - Throws: ``PayloadError`` with ``PayloadError/Code/tooDeep`` for values that are nested more than
    ///   ``PayloadValue/maximumJSONDepth`` deep, whose reading ends a server; with ``PayloadError/Code/placeholder`` for what
    ///   looks like Socket.IO's placeholder of binary data, beside binary data, which disconnects clients.
    public func checkArguments() throws(PayloadError) { _ = try measure() }

    /// Refuses what ``checkArguments()`` refuses.
    ///
    /// - Returns: the most bytes that ``write(to:)-(MessagePackCursor)`` writes.
    /// - Throws: as ``checkArguments()``.
    package func measure() throws(PayloadError) -> Int {
        guard case .values(let event, let arguments) = content else { return mostMessagePack }
        let survey = Self.survey(arguments, limit: PayloadValue.maximumJSONDepth)
        try survey.checkDepth()
        if survey.hasBinary, arguments.contains(where: PayloadSurvey.hasPlaceholder) {
            throw PayloadError(
                code: .placeholder,
                message:
                    "An object with \"_placeholder\": true beside binary data is what Socket.IO writes itself, and clients that "
                    + "get one disconnect. Give the key another name."
            )
        }
        return Self.mostMessagePack(event, survey)
    }

    /// The MessagePack of the array `[event, arguments...]`; in the encoded form the stored bytes, unchanged.
    public func messagePack() -> [UInt8] {
        if case .encoded(let encoded) = content { return encoded.withMessagePack(Array.init) }
        return [UInt8](atMost: mostMessagePack, MessagePackForm(), write)
    }

    /// Appends the MessagePack of the array `[event, arguments...]` as the writer's options have it.
    ///
    /// Stored bytes are appended as they are to a writer that follows notepack.io, as the one did that made them; for another
    /// they are written anew.
    public func write(to writer: inout MessagePackWriter) {
        if case .encoded = content, writer.encoder != .notepack, let arguments = try? arguments() {
            return EventData(event: event, arguments: arguments).write(to: &writer)
        }
        writer.write(atMost: mostMessagePack, write)
    }

    /// The most bytes that ``write(to:)-(MessagePackCursor)`` writes.
    package var mostMessagePack: Int {
        switch content {
        case .encoded(let encoded): encoded.messagePackCount
        case .values(let event, let arguments): Self.mostMessagePack(event, Self.survey(arguments))
        }
    }

    private static func survey(_ arguments: [PayloadValue], limit: Int = .max) -> PayloadSurvey {
        var survey = PayloadSurvey(limit: limit)
        for argument in arguments { survey.look(at: argument) }
        return survey
    }

    private static func mostMessagePack(_ event: String, _ arguments: PayloadSurvey) -> Int {
        MessagePackCursor.mostOfHead + MessagePackCursor.most(of: event) + arguments.mostMessagePack
    }

    /// Writes the MessagePack of the array `[event, arguments...]`; in the encoded form the stored bytes, unchanged.
    package func write(to cursor: inout MessagePackCursor) {
        switch content {
        case .encoded(let encoded): encoded.withMessagePack { cursor.writeRaw($0) }
        case .values(let event, let arguments):
            cursor.beginArray(count: arguments.count + 1)
            cursor.write(string: event)
            for argument in arguments { cursor.write(argument) }
        }
    }

    /// The JSON text of the array `[event,arguments...]`; in the encoded form the event is put in front of the stored
    /// text.
    ///
    /// - Throws: ``PayloadError`` with ``PayloadError/Code/binaryInJSON`` if there is binary data inside, or with
    ///   ``PayloadError/Code/invalidArguments`` if the stored text is not that of an array.
    public func json() throws(PayloadError) -> [UInt8] {
        var writer = JSONWriter(capacity: 64)
        try write(to: &writer)
        return writer.bytes
    }

    /// Appends what ``json()`` returns, without an array in between.
    ///
    /// - Throws: ``PayloadError``, as ``json()`` does.
    public func write(to writer: inout JSONWriter) throws(PayloadError) {
        switch content {
        case .encoded(let encoded):
            try encoded.withJSON { (json) throws(PayloadError) in
                let elements = try Self.elements(ofArray: json)
                writer.writeRaw("[")
                writer.write(string: encoded.event)
                if !elements.isEmpty { writer.writeRaw(",") }
                writer.writeRaw(UnsafeBufferPointer(rebasing: elements))
                writer.writeRaw("]")
            }
        case .values(let event, let arguments):
            writer.writeRaw("[")
            writer.write(string: event)
            for argument in arguments {
                writer.writeRaw(",")
                try writer.write(argument)
            }
            writer.writeRaw("]")
        }
    }

    /// The arguments as values.
    ///
    /// In the encoded form they are read from the JSON text, which has all digits of large integers, or from the
    /// MessagePack where there is no JSON text.
    ///
    /// - Throws: ``PayloadError`` with ``PayloadError/Code/invalidArguments`` if the stored bytes are not an array,
    ///   or another code if they are not MessagePack.
    public func arguments() throws(PayloadError) -> [PayloadValue] {
        switch content {
        case .values(_, let arguments): return arguments
        case .encoded(let encoded) where !encoded.hasJSON:
            guard case .array(let elements) = try PayloadValue(messagePack: encoded.withMessagePack(Array.init)),
                !elements.isEmpty
            else {
                throw Self.invalid("The stored MessagePack is not an array of the event and its arguments.")
            }
            return Array(elements.dropFirst())
        case .encoded(let encoded):
            let value: PayloadValue
            do {
                value = try PayloadValue(json: encoded.withJSON(Array.init))
            } catch {
                throw Self.invalid("The stored arguments of the event are not JSON: \(error)", cause: error)
            }
            guard case .array(let arguments) = value else { throw Self.notAnArray }
            return arguments
        }
    }

    /// The text between the brackets of a JSON array, without the spaces at both ends.
    private static func elements(
        ofArray json: UnsafeBufferPointer<UInt8>
    ) throws(PayloadError) -> Slice<UnsafeBufferPointer<UInt8>> {
        guard !json.isEmpty else { throw JSONWriter.binaryError }
        var text = trimmed(json[...])
        guard text.count >= 2, text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") else { throw notAnArray }
        text = text.dropFirst().dropLast()
        return trimmed(text)
    }

    private static func trimmed(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
        var text = text.drop(while: isSpace)
        while let last = text.last, isSpace(last) { text.removeLast() }
        return text
    }

    private static let notAnArray = invalid("The stored arguments of the event are not the text of a JSON array.")

    private static func invalid(_ message: String, cause: JSONError? = nil) -> PayloadError {
        PayloadError(code: .invalidArguments, message: message + " Store the announcement again.", cause: cause)
    }
}
