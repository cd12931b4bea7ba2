import Payload

/// The wire of python-socketio's `RedisManager`: one `PUBLISH` of JSON on one channel for all namespaces.
///
/// Servers of python-socketio and of Node.js share nothing. What the former cannot do is refused: they can leave out sockets
/// but not rooms, know neither `volatile` nor `compress`, and move one socket at a time.
///
/// ```swift
/// let wire = PythonWire()
/// try wire.command(for: Broadcast(rooms: ["lobby"], data: EventData(event: "hello", arguments: [1])))
/// // PUBLISH socketio {"method":"emit","event":"hello","data":[1],"binary":false,"namespace":"/","room":"lobby",...
/// ```
///
/// Source: python-socketio 5.11.4 and 5.18.1, `src/socketio/pubsub_manager.py`; both read JSON.
public struct PythonWire: Hashable, Sendable {
    /// A version of python-socketio: what the servers run at least.
    public struct Version: Hashable, Sendable, Comparable, CustomStringConvertible {
        private let parts: [Int]

        /// The first that takes several arguments.
        public static let severalArguments = Version(5, 15, 1)
        /// The first that takes binary data as JSON.
        static let binary = Version(5, 14, 2)
        /// The oldest that was tried.
        static let oldest = Version(5, 11, 0)

        private init(_ parts: Int...) {
            self.parts = parts
        }

        /// Reads a version such as `5.15.1` or `5.14`, of which the missing part is 0.
        ///
        /// - Throws: ``EmitterError`` `.unsupported` for anything else, and for versions before 5.11.
        public init(_ text: String) throws(EmitterError) {
            let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) ?? -1 }
            guard (2...3).contains(parts.count), !parts.contains(where: { $0 < 0 }) else {
                throw .unsupported("\"\(text)\" is no version of python-socketio. Write it as 5.15.1.")
            }
            self.parts = parts + Array(repeating: 0, count: 3 - parts.count)
            guard self >= Self.oldest else {
                throw .unsupported("python-socketio before 5.11 is not supported. Update the servers.")
            }
        }

        /// Whether one version is older than another.
        public static func < (left: Version, right: Version) -> Bool {
            left.parts.lexicographicallyPrecedes(right.parts)
        }

        /// The version, such as `5.15.1`.
        public var description: String { parts.map(String.init).joined(separator: ".") }
    }

    /// The servers' `channel` option.
    public var channel: String
    /// What the servers run at least; one message cannot serve all versions.
    public var version: Version

    /// Makes a wire; the defaults are those of python-socketio, and the version that takes everything.
    public init(channel: String = "socketio", version: Version = .severalArguments) {
        self.channel = channel
        self.version = version
    }

    /// The `PUBLISH` command of a broadcast; its reply is the number of servers.
    ///
    /// - Throws: `.reservedEvent`; `.payload` where the arguments cannot be written; `.unsupported` for what the servers
    ///   cannot do.
    public func command(for broadcast: Broadcast) throws(EmitterError) -> RedisCommand {
        try broadcast.data.check()
        try check(broadcast)
        var message: PayloadObject = ["method": "emit", "event": .string(broadcast.data.event)]
        let arguments: [PayloadValue]
        do {
            arguments = try broadcast.data.arguments()
        } catch {
            throw .payload(error)
        }
        let hasBinary = broadcast.data.hasBinary
        message["data"] = hasBinary ? try binary(arguments) : try data(arguments)
        message["binary"] = .bool(hasBinary)
        message["namespace"] = .string(broadcast.namespace)
        message["room"] = Self.oneOrMore(broadcast.rooms)
        message["skip_sid"] = Self.oneOrMore(broadcast.except)
        message["callback"] = .null
        message["host_id"] = "emitter"
        return try command(message)
    }

    /// The `PUBLISH` command of a request: one socket enters or leaves one room or is disconnected, or all sockets leave a
    /// room.
    ///
    /// - Throws: `.unsupported` for everything else.
    public func command(for request: SocketRequest) throws(EmitterError) -> RedisCommand {
        let namespace = PayloadValue.string(request.namespace)
        let socket = request.rooms.count == 1 && Broadcast.looksLikeSocketID(request.rooms[0]) ? request.rooms[0] : nil
        switch (request.action, socket) {
        case (.join(let rooms), let sid?) where rooms.count == 1 && request.except.isEmpty:
            return try command(
                ["method": "enter_room", "sid": .string(sid), "room": .string(rooms[0]), "namespace": namespace]
            )
        case (.leave(let rooms), let sid?) where rooms.count == 1 && request.except.isEmpty:
            return try command(
                ["method": "leave_room", "sid": .string(sid), "room": .string(rooms[0]), "namespace": namespace]
            )
        case (.leave(let rooms), _) where rooms.count == 1 && request.rooms.isEmpty && request.except.isEmpty:
            return try command(["method": "close_room", "room": .string(rooms[0]), "namespace": namespace])
        case (.disconnect(close: false), let sid?) where request.except.isEmpty:
            return try command(["method": "disconnect", "sid": .string(sid), "namespace": namespace])
        default:
            throw .unsupported(
                "python-socketio takes from outside only that one socket, named by its id, enters or leaves one room or is "
                    + "disconnected from its namespace, and that all sockets leave a room. Ask for these one by one."
            )
        }
    }

    private func command(_ message: PayloadObject) throws(EmitterError) -> RedisCommand {
        try Wire.check(prefix: channel)
        do {
            return RedisCommand("PUBLISH", channel, try PayloadValue.object(message).jsonBytes())
        } catch {
            throw .payload(error)
        }
    }

    private func check(_ broadcast: Broadcast) throws(EmitterError) {
        if let room = broadcast.exceptRooms.first {
            throw .unsupported(
                "python-socketio can leave out socket ids but not the room \"\(room)\", whose members would get the message. "
                    + "Leave the exception out, or name the sockets."
            )
        }
        if let flag = broadcast.flags.first {
            throw .unsupported("python-socketio knows no \(flag.name) for a message from outside. Leave it out.")
        }
    }

    /// None, a name alone, or a list.
    private static func oneOrMore(_ names: [String]) -> PayloadValue {
        names.isEmpty ? .null : names.count == 1 ? .string(names[0]) : .array(names.map { .string($0) })
    }

    /// The arguments: a list of them, or before 5.15.1 the only one, or null for none.
    private func data(_ arguments: [PayloadValue]) throws(EmitterError) -> PayloadValue {
        if version >= .severalArguments { return .array(arguments) }
        guard let only = arguments.first else { return .null }
        try checkOnly(arguments)
        if only == .null {
            throw .unsupported(
                "python-socketio \(version) cannot tell an argument that is null from none. \(Self.update)"
            )
        }
        return only
    }

    private func checkOnly(_ arguments: [PayloadValue]) throws(EmitterError) {
        guard arguments.count > 1 else { return }
        throw .unsupported("python-socketio \(version) takes one argument, not \(arguments.count). \(Self.update)")
    }

    private static let update = "Put them into one object or list, or update the servers to 5.15.1."

    /// The arguments with placeholders for binary data, and after them that data as Base64.
    private func binary(_ arguments: [PayloadValue]) throws(EmitterError) -> PayloadValue {
        guard version >= .binary else {
            throw .unsupported(
                "python-socketio \(version) takes no binary data from outside. Send it as a Base64 string, or update the "
                    + "servers to 5.14.2."
            )
        }
        var found: [PayloadValue] = []
        let taken = arguments.map { Self.takeBinary(from: $0, &found) }
        if version >= .severalArguments { return .array([.array(taken)] + found) }
        try checkOnly(arguments)
        return .array(taken + found)
    }

    private static func takeBinary(from value: PayloadValue, _ found: inout [PayloadValue]) -> PayloadValue {
        switch value {
        case .binary(let bytes):
            found.append(.string(String(decoding: Base64.encoded(bytes), as: UTF8.self)))
            return ["_placeholder": true, "num": .integer(Int64(found.count - 1))]
        case .array(let elements):
            return .array(elements.map { takeBinary(from: $0, &found) })
        case .object(let object):
            return .object(PayloadObject(object.map { ($0.key, takeBinary(from: $0.value, &found)) }))
        default:
            return value
        }
    }
}
