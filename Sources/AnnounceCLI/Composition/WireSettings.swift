import SocketIOEmitter

/// How the servers talk on Redis, as it was set.
struct WireSettings {
    let wire: String
    /// The prefix or channel, or nil for the wire's own default.
    let prefix: String?
    let streamName: String
    let streamMaximumLength: Int
    let streamCount: Int
    let generation: Int
    let pythonVersion: String

    /// The wire that is set.
    ///
    /// - Throws: ``WireProblem`` for a value that cannot be used, with the setting's name.
    func make() throws(WireProblem) -> Wire {
        if prefix?.isEmpty == true {
            throw WireProblem(
                "prefix",
                "An empty prefix is that of no server. Leave it out, or write the servers' own."
            )
        }
        if streamName.isEmpty {
            throw WireProblem("stream.name", "A stream needs a name. Write the servers' streamName.")
        }
        switch wire {
        case "classic":
            guard let generation = ServerGeneration(rawValue: generation) else {
                throw WireProblem(
                    "socketio",
                    "The generation \(generation) of Socket.IO is not known. Write 4, 3 or 2."
                )
            }
            return .classic(ClassicWire(prefix: prefix ?? "socket.io", generation: generation))
        case "sharded":
            return .sharded(ShardedWire(prefix: prefix ?? "socket.io"))
        case "streams":
            guard streamMaximumLength > 0 else {
                throw WireProblem(
                    "stream.max-length",
                    "A stream of \(streamMaximumLength) entries holds none. Write 1 or more."
                )
            }
            guard streamCount > 0 else {
                throw WireProblem("stream.count", "\(streamCount) streams cannot be. Write 1 or more.")
            }
            return .streams(
                StreamsWire(
                    streamName: streamName,
                    maximumLength: streamMaximumLength,
                    streamCount: streamCount,
                    channelPrefix: prefix ?? "socket.io"
                )
            )
        case "python":
            do {
                let version = try PythonWire.Version(pythonVersion)
                return .python(PythonWire(channel: prefix ?? "socketio", version: version))
            } catch {
                throw WireProblem("python-socketio", error.message)
            }
        default:
            throw WireProblem("wire", "There is no wire \"\(wire)\". Write classic, sharded, streams or python.")
        }
    }
}

/// A setting of the wire that cannot be used.
struct WireProblem: Error {
    let key: String
    let message: String

    init(_ key: String, _ message: String) {
        self.key = key
        self.message = message
    }
}
