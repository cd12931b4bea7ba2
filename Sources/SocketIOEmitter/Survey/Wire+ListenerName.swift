extension Wire {
    /// What the names of listeners begin with in `CLIENT LIST`.
    static let listenerName = "announce-listen"

    /// The name for the connections of a ``Listener`` (``RedisConfiguration/clientName``), by which
    /// ``Emitter/survey()`` knows that they are no servers: `announce-listen|sharded|socket.io|/,/admin`.
    ///
    /// - Parameter namespaces: those that it listens to; none for all.
    /// - Returns: the name; only its beginning where the prefix or a namespace has characters that Redis takes in no
    ///   name.
    public func clientName(listeningTo namespaces: [String]) -> String {
        let place = [adapter.rawValue, prefix, namespaces.map(Broadcast.withLeadingSlash).joined(separator: ",")]
        let name = ([Self.listenerName] + place).joined(separator: "|")
        return name.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? name : Self.listenerName
    }

    /// Whether a client of this name is a listener that hears a namespace on this wire.
    func isListener(_ name: String, in namespace: String) -> Bool {
        let all = clientName(listeningTo: [])
        if name == all { return true }
        guard name.hasPrefix(all), all != Self.listenerName else { return false }
        return name.dropFirst(all.count).split(separator: ",").contains { $0 == namespace }
    }

    /// The adapter of servers that speak this wire.
    var adapter: ServerSurvey.Adapter {
        switch self {
        case .classic: .classic
        case .sharded: .sharded
        case .streams: .streams
        case .python: .python
        }
    }

    /// The first part of the channels; of python-socketio the channel.
    var prefix: String {
        switch self {
        case .classic(let wire): wire.prefix
        case .sharded(let wire): wire.prefix
        case .streams(let wire): wire.channelPrefix
        case .python(let wire): wire.channel
        }
    }
}
