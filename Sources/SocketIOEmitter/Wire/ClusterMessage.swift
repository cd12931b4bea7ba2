import Payload

/// What the sharded and the streams adapter say to each other: a type, and data as an object.
///
/// Source: socket.io-adapter 2.5.8 `lib/cluster-adapter.ts`. The numbers of the types are ``MessageType``.
enum ClusterMessage {
    /// The types of messages that an emitter sends.
    enum MessageType: Int64 {
        case broadcast = 3
        case socketsJoin = 4
        case socketsLeave = 5
        case disconnectSockets = 6
        case fetchSockets = 7
        case serverSideEmit = 9
    }

    /// The order of the keys in `opts`, in which emitter and adapters differ.
    enum OptionOrder {
        case roomsExceptFlags
        case roomsFlagsExcept
    }

    /// The type of a request's message.
    static func type(of request: SocketRequest) -> MessageType {
        switch request.action {
        case .join: .socketsJoin
        case .leave: .socketsLeave
        case .disconnect: .disconnectSockets
        case .serverSideEmit: .serverSideEmit
        }
    }

    /// Whether a request must be MessagePack because there is binary data in it.
    static func hasBinary(_ request: SocketRequest) -> Bool {
        if case .serverSideEmit(let data) = request.action { data.hasBinary } else { false }
    }
}

extension JSONWriter {
    /// The data of a broadcast; `namespace` is that of the packet where the sender puts one there.
    mutating func write(
        _ broadcast: Broadcast,
        namespace: String?,
        order: ClusterMessage.OptionOrder
    ) throws(EmitterError) {
        writeRaw("{")
        try writePacketAndOptions(of: broadcast, namespace: namespace, order: order)
        writeRaw("}")
    }

    /// `"packet":{...},"opts":{...}`.
    mutating func writePacketAndOptions(
        of broadcast: Broadcast,
        namespace: String?,
        order: ClusterMessage.OptionOrder
    ) throws(EmitterError) {
        writeRaw(#""packet":{"type":2,"data":"#)
        try write(event: broadcast.data)
        if let namespace {
            writeRaw(#","nsp":"#)
            write(string: namespace)
        }
        writeRaw(#"},"opts":{"rooms":"#)
        write(strings: broadcast.rooms)
        if order == .roomsFlagsExcept {
            writeRaw(#","flags":"#)
            write(broadcast.flags)
        }
        writeRaw(#","except":"#)
        write(strings: broadcast.except)
        if order == .roomsExceptFlags {
            writeRaw(#","flags":"#)
            write(broadcast.flags)
        }
        writeRaw("}")
    }

    /// The data of a request.
    mutating func write(_ request: SocketRequest) throws(EmitterError) {
        if case .serverSideEmit(let data) = request.action {
            writeRaw(#"{"packet":"#)
            try write(event: data)
            return writeRaw("}")
        }
        writeRaw(#"{"opts":{"rooms":"#)
        write(strings: request.rooms)
        writeRaw(#","except":"#)
        write(strings: request.except)
        writeRaw(#","flags":{}}"#)
        switch request.action {
        case .join(let rooms), .leave(let rooms):
            writeRaw(#","rooms":"#)
            write(strings: rooms)
        case .disconnect(let close):
            writeRaw(close ? #","close":true"# : #","close":false"#)
        case .serverSideEmit:
            break
        }
        writeRaw("}")
    }
}

extension MessagePackWriter {
    /// The data of a broadcast; `namespace` is that of the packet where the sender puts one there.
    mutating func write(_ broadcast: Broadcast, namespace: String?, order: ClusterMessage.OptionOrder) {
        beginMap(count: 2)
        writePacketAndOptions(of: broadcast, namespace: namespace, order: order)
    }

    /// The members `packet` and `opts` of a map.
    mutating func writePacketAndOptions(
        of broadcast: Broadcast,
        namespace: String?,
        order: ClusterMessage.OptionOrder
    ) {
        write(string: "packet")
        beginMap(count: namespace == nil ? 2 : 3)
        write(string: "type")
        write(integer: 2)
        write(string: "data")
        broadcast.data.write(to: &self)
        if let namespace {
            write(string: "nsp")
            write(string: namespace)
        }
        write(string: "opts")
        writeOptions(rooms: broadcast.rooms, except: broadcast.except, flags: broadcast.flags, order: order)
    }

    /// The data of an event for servers.
    mutating func write(serverSideEmit data: EventData) {
        beginMap(count: 1)
        write(string: "packet")
        data.write(to: &self)
    }
}
