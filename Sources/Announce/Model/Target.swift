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

    private struct Parts: Hashable, Sendable {
        var namespace: String
        var audience: Audience
        var except: [String]
        var exceptSockets: [String]
        var volatile: Bool
        var compress: Bool?
    }

    /// The parts in one piece: a target is passed on far more often than it is made.
    private final class Piece: Sendable {
        let parts: Parts

        init(_ parts: Parts) { self.parts = parts }
    }

    private var piece: Piece

    private var parts: Parts {
        get { piece.parts }
        set { piece = Piece(newValue) }
    }

    /// The Socket.IO namespace, beginning with a slash; `/` is the default one.
    public var namespace: String {
        get { parts.namespace }
        set { parts.namespace = newValue }
    }

    /// Everyone, or some rooms and sockets.
    public var audience: Audience {
        get { parts.audience }
        set { parts.audience = newValue }
    }

    /// Rooms or socket ids that do not get it although the audience names them.
    public var except: [String] {
        get { parts.except }
        set { parts.except = newValue }
    }

    /// Ids of sockets that do not get it, whatever they look like: some servers can leave out sockets and not rooms.
    public var exceptSockets: [String] {
        get { parts.exceptSockets }
        set { parts.exceptSockets = newValue }
    }

    /// Whether a client that cannot take it at that moment may lose it (Socket.IO's `volatile` flag).
    public var volatile: Bool {
        get { parts.volatile }
        set { parts.volatile = newValue }
    }

    /// Whether the servers compress it; `nil` leaves it to them (Socket.IO's `compress` flag).
    public var compress: Bool? {
        get { parts.compress }
        set { parts.compress = newValue }
    }

    /// Makes a target; see the properties for what the values mean.
    public init(
        namespace: String = "/",
        audience: Audience,
        except: [String] = [],
        exceptSockets: [String] = [],
        volatile: Bool = false,
        compress: Bool? = nil
    ) {
        piece = Piece(
            Parts(
                namespace: namespace.hasPrefix("/") ? namespace : "/" + namespace,
                audience: audience,
                except: except,
                exceptSockets: exceptSockets,
                volatile: volatile,
                compress: compress
            )
        )
    }

    /// Whether two have the same parts.
    public static func == (left: Target, right: Target) -> Bool {
        left.piece === right.piece || left.parts == right.parts
    }

    /// Hashes the parts.
    public func hash(into hasher: inout Hasher) { hasher.combine(parts) }

    /// Whether two are one and the same value in memory; `false` says nothing.
    package static func isIdentical(_ left: Target, _ right: Target) -> Bool { left.piece === right.piece }

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
