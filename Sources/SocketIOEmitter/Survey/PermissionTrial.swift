import Payload

/// Whether Redis lets its user do a thing that publishing takes, found out without doing it.
public struct PermissionTrial: Sendable {
    /// What the command is for.
    public enum Purpose: Hashable, Sendable {
        /// To publish.
        case publishing
        /// To keep the tokens of batches, so that nothing is published twice.
        case tokens
    }

    /// What the command is for.
    public let purpose: Purpose
    /// The command and its channel or key, such as `PUBLISH socket.io#/#`.
    public let command: String
    /// Why Redis refuses it; nil where it does not.
    public let refusal: RedisError?
    /// How many subscribers have received what was tried; nil where nothing was published to find out.
    public let receivers: Int?

    /// Makes the result of a trial.
    public init(_ purpose: Purpose, _ command: String, refusal: RedisError? = nil, receivers: Int? = nil) {
        self.purpose = purpose
        self.command = command
        self.refusal = refusal
        self.receivers = receivers
    }
}

extension Emitter {
    /// Tries what publishing in this emitter's namespace takes, in ways that nobody hears and that leave nothing
    /// behind.
    ///
    /// Redis 7 says of a command whether it would be permitted (`ACL DRYRUN`), if its user may ask that. Elsewhere a
    /// message to a room that nobody is in is published: servers of the classic and the sharded adapter do not even
    /// decode it. Writing commands are sent so that they write nothing: `XADD` with an id that no entry may have, `SET
    /// … XX` of a key that is not there.
    ///
    /// - Parameter tokens: whether to try what ``OnceEmitter`` needs, too.
    /// - Returns: what was tried, and what Redis said to it.
    /// - Throws: `.unsupported` where the wire cannot publish in the namespace; `.redis` when Redis cannot be reached.
    public func permissions(tokens: Bool) async throws(EmitterError) -> [PermissionTrial] {
        var trials = [try await publishingTrial()]
        if !tokens { return trials }
        let key = "announce:once:\(Self.nobody)"
        let writing = [
            RedisCommand("EVALSHA", String(repeating: "0", count: 40), "1", key),
            RedisCommand("EVAL", "return 1", "1", key), RedisCommand("SET", key, "void", "PX", "1", "XX"),
            RedisCommand("GET", key),
        ]
        for (command, reply) in zip(writing, try await trialReplies(to: writing)) {
            let name = String(decoding: command.arguments[0], as: UTF8.self)
            trials.append(PermissionTrial(.tokens, "\(name) announce:once:*", refusal: Self.refusal(reply)))
        }
        return trials
    }

    /// A room that nobody is in.
    private static let nobody = "announce-doctor"

    private func publishingTrial() async throws(EmitterError) -> PermissionTrial {
        let data = EventData(event: Self.nobody, arguments: [])
        let real = try wire.command(for: Broadcast(namespace: namespace, data: data))
        let name = real.arguments.prefix(2).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
        if case .streams = wire {
            // XADD key MAXLEN ~ n id …: no entry has the id 0-0.
            var command = real
            command.arguments[5] = Array("0-0".utf8)
            let reply = try await trialReplies(to: [command])[0]
            return PermissionTrial(.publishing, name, refusal: Self.refusal(reply))
        }
        if let reply = await dryRun(real) { return PermissionTrial(.publishing, name, refusal: Self.refusal(reply)) }
        var command = try wire.command(for: Broadcast(namespace: namespace, rooms: [Self.nobody], data: data))
        if case .sharded(let wire) = wire {
            // What goes to the namespace's channel is decoded by whoever reads it; a room's channel is read by its
            // members' servers.
            command.arguments[1] = Array("\(wire.channel(of: namespace))\(Self.nobody)#".utf8)
        }
        let reply = try await trialReplies(to: [command])[0]
        var receivers: Int?
        if case .integer(let count) = reply, isReceiverCountWhole { receivers = Int(count) }
        return PermissionTrial(.publishing, name, refusal: Self.refusal(reply), receivers: receivers)
    }

    /// Whether the reply to the trial counts those who would receive a broadcast.
    private var isReceiverCountWhole: Bool {
        if case .sharded = wire { return false }
        return !redis.isCluster
    }

    /// What Redis says would become of a command; nil where it cannot or may not say it.
    private func dryRun(_ command: RedisCommand) async -> RedisReply? {
        guard let user = try? await redis.send(RedisCommand("ACL", "WHOAMI")).text else { return nil }
        let words = ["ACL", "DRYRUN", user].map { Array($0.utf8) } + command.arguments
        switch try? await redis.send(RedisCommand(arguments: words)) {
        case .status?: return .status("OK")
        case .string(let text)?: return .error("NOPERM \(String(decoding: text, as: UTF8.self))")
        default: return nil
        }
    }

    private func trialReplies(to commands: [RedisCommand]) async throws(EmitterError) -> [RedisReply] {
        do {
            return try await redis.send(commands)
        } catch {
            throw EmitterError(error)
        }
    }

    /// What speaks against the real command in the reply to its trial.
    private static func refusal(_ reply: RedisReply) -> RedisError? {
        guard case .error(let text) = reply else { return nil }
        // These two come of the trial itself, after the command was found to be permitted.
        if text.hasPrefix("NOSCRIPT") || text.contains("must be greater than 0-0") { return nil }
        return RedisError(errorReply: text)
    }
}
