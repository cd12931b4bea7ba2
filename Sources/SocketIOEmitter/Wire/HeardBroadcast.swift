import Payload

/// A broadcast that was heard on Redis, decoded.
///
/// It is what a Socket.IO server would act on, and keeps what such a server accepts from senders of any version and
/// language: a room that is a number stays a number (a server that joined `42` is not reached by `"42"`).
public struct HeardBroadcast: Hashable, Sendable {
    /// The Redis channel, such as `socket.io#/#lobby#`.
    public let channel: String
    /// The namespace, `/` where the message does not say.
    public let namespace: String
    /// The event's name; where a sender put another value there, its JSON text.
    public let event: String
    /// The event's arguments.
    public let arguments: [PayloadValue]
    /// The rooms; empty means everybody in the namespace.
    public let rooms: [PayloadValue]
    /// The rooms that are left out.
    public let except: [PayloadValue]
    /// The delivery options as they stand in the message, such as `{"volatile": true}`.
    public let flags: PayloadObject
    /// Who sent it: `emitter` for an emitter, six characters for a server; nil where the message has none.
    public let uid: String?

    /// Makes a value, for tests and other wires.
    public init(
        channel: String,
        namespace: String,
        event: String,
        arguments: [PayloadValue],
        rooms: [PayloadValue],
        except: [PayloadValue],
        flags: PayloadObject,
        uid: String?
    ) {
        self.channel = channel
        self.namespace = namespace
        self.event = event
        self.arguments = arguments
        self.rooms = rooms
        self.except = except
        self.flags = flags
        self.uid = uid
    }
}
