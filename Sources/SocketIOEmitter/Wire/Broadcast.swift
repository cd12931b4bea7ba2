import Payload

/// One event for the clients of a namespace: to whom, how, and what.
///
/// No rooms means everybody in the namespace. A socket id is a room of one, so one socket is addressed by its id. A
/// client that is in several of ``rooms`` gets the event once; one that is in any of ``except`` does not get it.
///
///     Broadcast(namespace: "/admin", rooms: ["ops"], data: EventData(event: "alert", arguments: ["disk full"]))
public struct Broadcast: Hashable, Sendable {
    /// A delivery option of Socket.IO.
    public enum Flag: Hashable, Sendable {
        /// A client that cannot receive right now misses the event.
        case volatile
        /// Whether servers compress the event for transports that can.
        case compress(Bool)

        /// The key in the message's `flags`.
        var name: String {
            switch self {
            case .volatile: "volatile"
            case .compress: "compress"
            }
        }

        /// The value in the message's `flags`.
        var value: Bool {
            switch self {
            case .volatile: true
            case .compress(let value): value
            }
        }
    }

    /// The namespace's name, always with its leading slash.
    public let namespace: String
    /// The rooms, each once, in the order in which they were first given.
    public let rooms: [String]
    /// The rooms whose members are left out, each once, in the order in which they were first given; a socket id is a room
    /// of one.
    public let except: [String]
    /// Which of ``except`` are known to be socket ids, where a server can leave out nothing else.
    public let exceptSockets: [String]
    /// The flags, each once; a repeated one keeps its first place and its last value, as a JavaScript object does.
    public let flags: [Flag]
    /// The event's name and arguments.
    public let data: EventData

    /// Makes a broadcast.
    ///
    /// - Parameters:
    ///   - namespace: its name; a missing leading slash is added, as @socket.io/redis-emitter does since 3.1.2.
    ///   - rooms: room names or socket ids; empty for everybody in the namespace.
    ///   - except: room names or socket ids to leave out.
    ///   - exceptSockets: further socket ids to leave out, whatever they look like.
    ///   - flags: delivery options, in the order in which they shall stand in the message.
    ///   - data: the event's name and arguments.
    public init(
        namespace: String = "/",
        rooms: [String] = [],
        except: [String] = [],
        exceptSockets: [String] = [],
        flags: [Flag] = [],
        data: EventData
    ) {
        self.namespace = Self.withLeadingSlash(namespace)
        self.rooms = Self.unique(rooms)
        self.except = Self.unique(except + exceptSockets)
        self.exceptSockets = Self.unique(exceptSockets)
        self.flags = Self.merged(flags)
        self.data = data
    }

    /// The names to leave out that may be rooms, as far as one can tell: neither given as a socket id nor looking like one.
    var exceptRooms: [String] {
        except.filter { name in
            !Self.looksLikeSocketID(name) && !exceptSockets.contains { $0.utf8.elementsEqual(name.utf8) }
        }
    }

    /// Whether a name has the form of a socket id: 20 characters of `[A-Za-z0-9_-]` (@socket.io/redis-adapter 8.3.0
    /// lib/sharded-adapter.ts looksLikeASocketId; python-socketio makes them alike).
    static func looksLikeSocketID(_ name: String) -> Bool {
        name.utf8.count == 20
            && name.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }

    static func withLeadingSlash(_ namespace: String) -> String {
        namespace.utf8.first == UInt8(ascii: "/") ? namespace : "/" + namespace
    }

    /// Compares by UTF-8 and not by Unicode equivalence: to Socket.IO `é` and `e` + accent are two rooms.
    static func unique(_ names: [String]) -> [String] {
        guard names.count > 1 else { return names }
        var seen = Set<[UInt8]>()
        return names.filter { seen.insert(Array($0.utf8)).inserted }
    }

    private static func merged(_ flags: [Flag]) -> [Flag] {
        var result: [Flag] = []
        for flag in flags {
            if let index = result.firstIndex(where: { $0.name == flag.name }) {
                result[index] = flag
            } else {
                result.append(flag)
            }
        }
        return result
    }
}
