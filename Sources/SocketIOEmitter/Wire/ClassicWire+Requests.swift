import Payload

extension ClassicWire {
    /// The `PUBLISH` command of a request (redis-emitter 5.1.0 `lib/index.ts`); its reply is the number of servers.
    ///
    /// - Throws: `.reservedEvent`; `.payload` where the arguments cannot be written; `.unsupported` before generation 4.
    public func command(for request: SocketRequest) throws(EmitterError) -> RedisCommand {
        try request.check()
        try checkName(of: request.namespace)
        guard generation == .four else {
            throw .unsupported(
                "Servers of Socket.IO \(generation.rawValue) take no such request from outside: socket.io-redis 6.1 brought "
                    + "it. Say generation 4 where the servers run that or later."
            )
        }
        return RedisCommand("PUBLISH", "\(prefix)-request#\(request.namespace)#", try Self.json(request))
    }

    private static func json(_ request: SocketRequest) throws(EmitterError) -> [UInt8] {
        var writer = JSONWriter(capacity: 128)
        switch request.action {
        case .join(let rooms):
            writer.write(type: 2, request)
            writer.writeRaw(#","rooms":"#)
            writer.write(strings: rooms)
        case .leave(let rooms):
            writer.write(type: 3, request)
            writer.writeRaw(#","rooms":"#)
            writer.write(strings: rooms)
        case .disconnect(let close):
            writer.write(type: 4, request)
            writer.writeRaw(close ? #","close":true"# : #","close":false"#)
        case .serverSideEmit(let data):
            writer.binary = .nodeBuffers
            writer.writeRaw(#"{"uid":"emitter","type":6,"data":"#)
            try writer.write(event: data)
        }
        writer.writeRaw("}")
        return writer.bytes
    }

    /// Refuses what servers of the generation would not heed.
    func check(_ broadcast: Broadcast) throws(EmitterError) {
        try checkName(of: broadcast.namespace)
        guard generation < .four, let room = broadcast.exceptRooms.first else { return }
        throw .unsupported(
            "Servers of Socket.IO \(generation.rawValue) can leave out socket ids but not the room \"\(room)\", whose members "
                + "would get the message. Leave the exception out, name the sockets, or say generation 4 where "
                + "socket.io-redis is 6.1 or later."
        )
    }

    /// Refuses names that the servers' own pattern does not match, so that they never receive anything on their channels.
    private func checkName(of namespace: String) throws(EmitterError) {
        try Wire.check(prefix: prefix)
        if prefix.utf8.contains(where: Self.isMisread) {
            throw .unsupported(
                "Servers of the classic adapter never receive anything with [, ] or \\ in their prefix, such as \"\(prefix)\". "
                    + "Change their key, or give the right one."
            )
        }
        guard namespace.utf8.contains(where: Self.isMisread) else { return }
        throw .unsupported(
            "Servers of the classic adapter never receive anything in a namespace with [, ] or \\ in its name, such as "
                + "\"\(namespace)\". Rename the namespace."
        )
    }

    /// What Redis reads as a part of a pattern, in the name of a namespace that servers subscribe to as it is.
    private static func isMisread(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]") || byte == UInt8(ascii: "\\")
    }
}

extension ServerGeneration: Comparable {
    /// Whether one generation is older than another.
    public static func < (left: ServerGeneration, right: ServerGeneration) -> Bool { left.rawValue < right.rawValue }
}

extension JSONWriter {
    /// `{"type":2,"opts":{"rooms":[],"except":[]}`, without its closing brace.
    fileprivate mutating func write(type: Int64, _ request: SocketRequest) {
        writeRaw(#"{"type":"#)
        write(integer: type)
        writeRaw(#","opts":{"rooms":"#)
        write(strings: request.rooms)
        writeRaw(#","except":"#)
        write(strings: request.except)
        writeRaw("}")
    }
}
