import Payload

/// A message that was heard on Redis, decoded.
///
/// It is what a Socket.IO server would act on, and keeps what such a server accepts from senders of any version and
/// language: a room that is a number stays a number (a server that joined `42` is not reached by `"42"`).
public struct HeardMessage: Hashable, Sendable {
    /// What a message is about.
    public enum Content: Hashable, Sendable {
        /// An event for clients.
        case broadcast(HeardBroadcast)
        /// Something that servers are asked to do or to tell.
        case request(HeardRequest)
        /// What one server, or one client, has answered.
        case response(HeardResponse)
        /// What a server says of itself: `initialHeartbeat`, `heartbeat`, `adapterClose`.
        case notice(String)
    }

    /// The Redis channel, such as `socket.io#/#lobby#`, or the stream.
    public let channel: String
    /// The id of the stream's entry; nil for a message on a channel.
    public let entryID: String?
    /// The namespace, `/` where the message does not say.
    public let namespace: String
    /// Who sent it: `emitter` for an emitter, some other name for a server; nil where the message has none.
    public let uid: String?
    /// What it is about.
    public let content: Content

    /// Makes a value, for tests and other wires.
    public init(channel: String, entryID: String? = nil, namespace: String, uid: String?, content: Content) {
        self.channel = channel
        self.entryID = entryID
        self.namespace = namespace
        self.uid = uid
        self.content = content
    }

    /// The broadcast that it is; nil for anything else.
    public var broadcast: HeardBroadcast? {
        if case .broadcast(let broadcast) = content { broadcast } else { nil }
    }
}

/// An event for the clients of a namespace.
public struct HeardBroadcast: Hashable, Sendable {
    /// The event's name; where a sender put another value there, its JSON text.
    public let event: String
    /// The event's arguments.
    public let arguments: [PayloadValue]
    /// The rooms; empty means everybody in the namespace.
    public let rooms: [PayloadValue]
    /// The rooms or sockets that are left out.
    public let except: [PayloadValue]
    /// The delivery options as they stand in the message, such as `{"volatile": true}`.
    public let flags: PayloadObject
    /// The question that its clients' acknowledgements answer; nil where none are asked for.
    public let requestID: String?

    /// Makes a value, for tests and other wires.
    public init(
        event: String,
        arguments: [PayloadValue],
        rooms: [PayloadValue] = [],
        except: [PayloadValue] = [],
        flags: PayloadObject = PayloadObject(),
        requestID: String? = nil
    ) {
        self.event = event
        self.arguments = arguments
        self.rooms = rooms
        self.except = except
        self.flags = flags
        self.requestID = requestID
    }
}

/// Something that the servers of a cluster are asked to do, or to tell.
public struct HeardRequest: Hashable, Sendable {
    /// What is asked, by the name of Socket.IO's own call: `socketsJoin`, `socketsLeave`, `disconnectSockets`,
    /// `fetchSockets`, `allRooms`, `serverSideEmit`; of python-socketio the message's `method`.
    public let name: String
    /// Which question it is; nil where no answer is asked for.
    public let requestID: String?
    /// The rooms whose sockets are meant; empty means all of the namespace.
    public let rooms: [PayloadValue]
    /// The rooms or sockets that are left out.
    public let except: [PayloadValue]
    /// What else the message says, as it stands there, such as `{"rooms": ["new"]}` or `{"close": true}`; of a
    /// `serverSideEmit` its `{"data": [event, argument, …]}`.
    public let details: PayloadObject

    /// Makes a value, for tests and other wires.
    public init(
        name: String,
        requestID: String? = nil,
        rooms: [PayloadValue] = [],
        except: [PayloadValue] = [],
        details: PayloadObject = PayloadObject()
    ) {
        self.name = name
        self.requestID = requestID
        self.rooms = rooms
        self.except = except
        self.details = details
    }
}

/// What one server, or one client, has answered.
public struct HeardResponse: Hashable, Sendable {
    /// What is answered: `sockets`, `rooms`, `serverSideEmit`, `clientCount`, `acknowledgement`, `done`; of
    /// python-socketio `callback`.
    public let name: String
    /// Which question it answers.
    public let requestID: String?
    /// The answer: a list of sockets or rooms, a number of clients, what a client or a listener answered.
    public let value: PayloadValue

    /// Makes a value, for tests and other wires.
    public init(name: String, requestID: String?, value: PayloadValue) {
        self.name = name
        self.requestID = requestID
        self.value = value
    }
}
