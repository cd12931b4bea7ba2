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

    /// To whom it goes and how, in one piece: many broadcasts have it in common.
    private final class Address: Hashable, Sendable {
        let namespace: String
        let rooms: [String]
        let except: [String]
        let exceptSockets: [String]
        let flags: [Flag]

        init(_ namespace: String, rooms: [String], except: [String], exceptSockets: [String], flags: [Flag]) {
            self.namespace = Broadcast.withLeadingSlash(namespace)
            self.rooms = Broadcast.unique(rooms)
            self.except = Broadcast.unique(except + exceptSockets)
            self.exceptSockets = Broadcast.unique(exceptSockets)
            self.flags = Broadcast.merged(flags)
        }

        static func == (left: Address, right: Address) -> Bool {
            left === right
                || left.namespace.isExactly(right.namespace) && isSame(left.rooms, right.rooms)
                    && isSame(left.except, right.except) && isSame(left.exceptSockets, right.exceptSockets)
                    && left.flags == right.flags
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(namespace)
            hasher.combine(rooms)
        }

        private static func isSame(_ names: [String], _ others: [String]) -> Bool {
            // What one emitter sends again and again has its names in one piece of memory.
            names.withUnsafeBufferPointer { names in
                others.withUnsafeBufferPointer { others in
                    names.count == others.count && names.baseAddress == others.baseAddress
                        || names.elementsEqual(others) { $0.isExactly($1) }
                }
            }
        }
    }

    private let address: Address
    /// The event's name and arguments.
    public let data: EventData

    /// The namespace's name, always with its leading slash.
    public var namespace: String { address.namespace }
    /// The rooms, each once, in the order in which they were first given.
    public var rooms: [String] { address.rooms }
    /// The rooms whose members are left out, each once, in the order in which they were first given; a socket id is a room
    /// of one.
    public var except: [String] { address.except }
    /// Which of ``except`` are known to be socket ids, where a server can leave out nothing else.
    public var exceptSockets: [String] { address.exceptSockets }
    /// The flags, each once; a repeated one keeps its first place and its last value, as a JavaScript object does.
    public var flags: [Flag] { address.flags }

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
        address = Address(namespace, rooms: rooms, except: except, exceptSockets: exceptSockets, flags: flags)
        self.data = data
    }

    /// Makes a broadcast to those whom another goes to, in the same way.
    public init(like other: Broadcast, data: EventData) {
        address = other.address
        self.data = data
    }

    /// Whether another goes to the same sockets in the same way.
    func hasSameTarget(as other: Broadcast) -> Bool { address == other.address }

    /// The names to leave out that may be rooms, as far as one can tell: neither given as a socket id nor looking like one.
    var exceptRooms: [String] {
        except.filter { name in
            !Self.looksLikeSocketID(name) && !exceptSockets.contains { $0.isExactly(name) }
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
        var seen = Set<ExactName>(minimumCapacity: names.count)
        let unique = names.filter { seen.insert(ExactName($0)).inserted }
        return unique.count == names.count ? names : unique
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
