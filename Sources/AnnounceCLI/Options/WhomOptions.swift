import Announce
import ArgumentParser

/// To whom.
struct WhomOptions: ParsableArguments {
    @Flag(help: "To everyone in the namespace.")
    var all = false

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("To the sockets in this room; may be repeated.", valueName: "name")
    )
    var room: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("To the socket with this id; may be repeated.", valueName: "id")
    )
    var socket: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Not to the sockets in this room, or with this id; may be repeated.", valueName: "name")
    )
    var except: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "Not to the socket with this id, where servers can leave out sockets only; may be repeated.",
            valueName: "id"
        )
    )
    var exceptSocket: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The Socket.IO namespace (default: /).", valueName: "/nsp")
    )
    var namespace: String?

    func validate() throws {
        if all && !(room.isEmpty && socket.isEmpty) {
            throw ValidationError("--all and --room or --socket exclude each other. Give one or the other.")
        }
    }

    /// Whether anybody is named.
    var isAddressed: Bool { all || !(room.isEmpty && socket.isEmpty) }

    /// Puts the options that were given in place of those of a target.
    func change(_ target: inout Target) {
        if isAddressed {
            target.audience = all ? .everyone : .some(rooms: room.unique, sockets: socket.unique)
        }
        if let namespace {
            target = Target(
                namespace: namespace,
                audience: target.audience,
                except: target.except,
                exceptSockets: target.exceptSockets,
                volatile: target.volatile,
                compress: target.compress
            )
        }
        if !except.isEmpty { target.except = except.unique }
        if !exceptSocket.isEmpty { target.exceptSockets = exceptSocket.unique }
    }
}
