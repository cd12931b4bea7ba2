import Payload

/// What the servers of a cluster are asked to do, without an answer.
///
/// ```swift
/// SocketRequest(.join(["lobby"]), rooms: ["waiting"])          // who waits enters the lobby
/// SocketRequest(.serverSideEmit(EventData(event: "reload", arguments: [])))
/// ```
public struct SocketRequest: Hashable, Sendable {
    /// What to do.
    public enum Action: Hashable, Sendable {
        /// The target's sockets enter these rooms.
        case join([String])
        /// The target's sockets leave these rooms.
        case leave([String])
        /// The target's sockets are disconnected from the namespace; with `close` their connections are closed.
        case disconnect(close: Bool)
        /// An event for the servers themselves, not for clients; it has no target but the namespace.
        case serverSideEmit(EventData)
    }

    /// What to do.
    public let action: Action
    /// The namespace's name, always with its leading slash.
    public let namespace: String
    /// The rooms or socket ids that are meant, each once; empty for every socket of the namespace.
    public let rooms: [String]
    /// The rooms or socket ids that are left out, each once.
    public let except: [String]

    /// Makes a request.
    ///
    /// - Parameters:
    ///   - action: what to do.
    ///   - namespace: its name; a missing leading slash is added.
    ///   - rooms: room names or socket ids; empty for every socket of the namespace.
    ///   - except: room names or socket ids to leave out.
    public init(_ action: Action, namespace: String = "/", rooms: [String] = [], except: [String] = []) {
        self.action = action
        self.namespace = Broadcast.withLeadingSlash(namespace)
        self.rooms = Broadcast.unique(rooms)
        self.except = Broadcast.unique(except)
    }

    /// Events of a server's namespace: those that socket.io 4.8.3 (`lib/namespace.ts` RESERVED_EVENTS) refuses in its own
    /// `serverSideEmit`, and the one at which Node.js throws where nobody listens.
    private static let reservedNames: Set<String> = ["connect", "connection", "new_namespace", "error"]

    /// Refuses what would not be heeded, or would do harm.
    func check() throws(EmitterError) {
        switch action {
        case .serverSideEmit(let data):
            try data.check()
            if Self.reservedNames.contains(data.event) {
                throw EmitterError(
                    code: .reservedEvent,
                    message:
                        "\"\(data.event)\" is an event of Socket.IO's servers themselves: an error that nobody expects ends "
                        + "their process, and a connection must be a socket. Choose another event name."
                )
            }
            guard rooms.isEmpty, except.isEmpty else {
                throw .unsupported(
                    "serverSideEmit reaches the servers of a whole namespace, not rooms. Leave out to and except."
                )
            }
        case .join, .leave, .disconnect:
            return
        }
    }
}
