/// Whom an announcement reaches: a namespace and, inside it, everyone or some rooms and sockets, less the excluded ones.
///
/// A socket is in a room named by its own id, so "to one socket" is "to the room of that name"; the two are kept apart
/// because a reader wants to know which was meant.
///
/// ```swift
/// let lobby = Target(audience: .some(rooms: ["lobby"], sockets: []), except: ["moderators"])
/// ```
public struct Target: Hashable, Sendable {
    /// Everyone in the namespace, or the sockets in any of some rooms.
    public enum Audience: Hashable, Sendable {
        /// Every socket of the namespace.
        case everyone
        /// The sockets in any of `rooms`, and those with one of these ids; at least one of the two is not empty.
        case some(rooms: [String], sockets: [String])
    }

    /// The Socket.IO namespace, beginning with a slash; `/` is the default one.
    public var namespace: String
    /// Everyone, or some rooms and sockets.
    public var audience: Audience
    /// Rooms or socket ids that do not get it although the audience names them.
    public var except: [String]
    /// Ids of sockets that do not get it, whatever they look like: some servers can leave out sockets and not rooms.
    public var exceptSockets: [String]
    /// Whether a client that cannot take it at that moment may lose it (Socket.IO's `volatile` flag).
    public var volatile: Bool
    /// Whether the servers compress it; `nil` leaves it to them (Socket.IO's `compress` flag).
    public var compress: Bool?

    /// Makes a target; see the properties for what the values mean.
    public init(
        namespace: String = "/",
        audience: Audience,
        except: [String] = [],
        exceptSockets: [String] = [],
        volatile: Bool = false,
        compress: Bool? = nil
    ) {
        self.namespace = namespace.hasPrefix("/") ? namespace : "/" + namespace
        self.audience = audience
        self.except = except
        self.exceptSockets = exceptSockets
        self.volatile = volatile
        self.compress = compress
    }

    /// The rooms to address, sockets included, in the order in which they were named; empty means everyone.
    public var rooms: [String] {
        switch audience {
        case .everyone: []
        case .some(let rooms, let sockets): rooms + sockets
        }
    }

    /// The target in a few words: `room lobby`, `everyone in /admin except room x`.
    public var summary: String {
        var words: String
        switch audience {
        case .everyone:
            words = "everyone"
        case .some(let rooms, let sockets):
            words = [Self.list("room", rooms), Self.list("socket", sockets)].compactMap { $0 }.joined(
                separator: " and "
            )
        }
        if namespace != "/" { words += " in \(namespace)" }
        let excluded = except + exceptSockets.map { "socket \($0)" }
        if !excluded.isEmpty { words += " except " + excluded.joined(separator: ", ") }
        return words
    }

    private static func list(_ noun: String, _ names: [String]) -> String? {
        switch names.count {
        case 0: nil
        case 1: "\(noun) \(names[0])"
        default: "\(noun)s " + names.joined(separator: ", ")
        }
    }

    /// Refuses a target that reaches nobody.
    ///
    /// - Throws: ``AnnounceError`` with code ``AnnounceError/Code/invalidValue``.
    public func validate() throws(AnnounceError) {
        if case .some(let rooms, let sockets) = audience, rooms.isEmpty, sockets.isEmpty {
            throw AnnounceError(
                .invalidValue,
                "The announcement is for nobody. Name everyone, a room or a socket id."
            )
        }
        if (rooms + except + exceptSockets).contains("") {
            throw AnnounceError(
                .invalidValue,
                "A room name is empty, and no socket is ever in such a room. Give the room's name."
            )
        }
    }
}
