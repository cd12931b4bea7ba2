/// Where a cluster sends a command that a node refused.
struct Redirection: Equatable {
    /// The slot it is about.
    let slot: Int
    /// The node to go to.
    let endpoint: RedisConfiguration.Endpoint
    /// Whether it is for this command only (ASK, while a slot is on its way), and not for good (MOVED).
    let isOnce: Bool

    /// Reads `MOVED 3999 127.0.0.1:6381` or `ASK 3999 127.0.0.1:6381`; nil for any other text.
    ///
    /// - Parameters:
    ///   - text: an error reply.
    ///   - node: the node that replied; its host is meant where the text leaves one out.
    init?(_ text: String, from node: RedisConfiguration.Endpoint) {
        let words = text.split(separator: " ")
        guard words.count == 3, words[0] == "MOVED" || words[0] == "ASK",
            let slot = Int(words[1]), (0..<HashSlot.count).contains(slot),
            // An IPv6 address stands there without brackets.
            let colon = words[2].lastIndex(of: ":"),
            let port = Int(words[2][words[2].index(after: colon)...]), (1...65535).contains(port)
        else { return nil }
        let host = String(words[2][..<colon])
        self.slot = slot
        self.endpoint = host.isEmpty || host == "?" ? node.withPort(port) : .tcp(host: host, port: port)
        self.isOnce = words[0] == "ASK"
    }
}
