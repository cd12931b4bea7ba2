/// What a Redis server tells about itself; nil for what its user may not ask.
///
/// It is read from `INFO`, or where that is forbidden from `HELLO`, which every user may send.
public struct RedisServerReport: Hashable, Sendable {
    /// The version, such as `7.0.15`.
    public var version: String?
    /// Whether it is a replica, on which nothing can be written.
    public var isReplica: Bool?
    /// Whether it is a node of a cluster.
    public var isClusterNode: Bool?
    /// What it does when memory is out (`maxmemory-policy`), such as `noeviction`.
    public var evictionPolicy: String?
    /// How many bytes it may use (`maxmemory`); 0 for as many as there are.
    public var maximumMemory: Int64?
    /// The numbers of the databases that have keys.
    public var databases: [Int]?

    /// Makes a report; by default nothing is known.
    public init(
        version: String? = nil,
        isReplica: Bool? = nil,
        isClusterNode: Bool? = nil,
        evictionPolicy: String? = nil,
        maximumMemory: Int64? = nil,
        databases: [Int]? = nil
    ) {
        self.version = version
        self.isReplica = isReplica
        self.isClusterNode = isClusterNode
        self.evictionPolicy = evictionPolicy
        self.maximumMemory = maximumMemory
        self.databases = databases
    }

    /// Reads the answer to `INFO`: lines of `name:value`, and titles that begin with `#`.
    init(info text: String) {
        var values: [Substring: Substring] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[line[..<colon]] = line[line.index(after: colon)...]
        }
        self.init(
            version: values["redis_version"].map(String.init),
            isReplica: values["role"].map { $0 != "master" },
            isClusterNode: values["cluster_enabled"].map { $0 == "1" },
            evictionPolicy: values["maxmemory_policy"].map(String.init),
            maximumMemory: values["maxmemory"].flatMap { Int64($0) },
            databases: values.keys.compactMap { $0.hasPrefix("db") ? Int($0.dropFirst(2)) : nil }.sorted()
        )
    }

    /// Reads the answer to `HELLO`: names and values in turn.
    init(hello reply: RedisReply) {
        self.init()
        guard case .array(let words) = reply else { return }
        for place in stride(from: 0, to: words.count - 1, by: 2) {
            let value = words[place + 1].text
            switch words[place].text {
            case "version": version = value
            case "role": isReplica = value.map { $0 != "master" }
            case "mode": isClusterNode = value.map { $0 == "cluster" }
            default: break
            }
        }
    }

    /// The first number of the version.
    public var majorVersion: Int? { version.flatMap { $0.split(separator: ".").first.flatMap { Int($0) } } }
}

extension RedisClient {
    /// Asks the server, or every master of a cluster, about itself.
    ///
    /// What the user may not ask is nil in the report and no error.
    ///
    /// - Returns: one report for each server.
    /// - Throws: as ``send(_:)-([RedisCommand])``, when one of them cannot be reached.
    public func reports() async throws(RedisError) -> [RedisServerReport] {
        let answers = try await sendToMasters(RedisCommand("INFO"))
        let texts = answers.compactMap(\.text)
        if texts.count == answers.count { return texts.map(RedisServerReport.init(info:)) }
        return try await sendToMasters(RedisCommand("HELLO", "2")).map(RedisServerReport.init(hello:))
    }
}

extension RedisReply {
    /// The text of a string or a status; nil for any other reply.
    var text: String? {
        switch self {
        case .string(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    /// The texts in a list; none for any other reply.
    var texts: [String] {
        if case .array(let elements) = self { elements.compactMap(\.text) } else { [] }
    }
}
