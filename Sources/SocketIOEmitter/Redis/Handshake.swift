/// What a new connection says before anything else, and what the answers mean.
///
/// All of it goes out in one write. There is always at least one command, so that a connection counts as made only
/// when Redis itself has answered: servers that are full, protected or want a password say so here.
struct Handshake {
    private enum Step {
        case authenticate
        case select
        case name
        case ping
        case role
    }

    /// What an answer leads to.
    enum Outcome {
        case more
        case done
        case failed(RedisError)
    }

    /// The commands, in order.
    let commands: [RedisCommand]
    private let steps: [Step]
    private var answered = 0

    /// Decides what to say to a server.
    init(_ configuration: RedisConfiguration) {
        var steps: [Step] = []
        var commands: [RedisCommand] = []
        if let password = configuration.password {
            steps.append(.authenticate)
            let user = configuration.username.map { [Array($0.utf8)] } ?? []
            commands.append(RedisCommand(arguments: [Array("AUTH".utf8)] + user + [Array(password.utf8)]))
        }
        if configuration.database != 0 {
            steps.append(.select)
            commands.append(RedisCommand("SELECT", String(configuration.database)))
        }
        if let name = configuration.clientName {
            steps.append(.name)
            commands.append(RedisCommand("CLIENT", "SETNAME", name))
        }
        if case .sentinel = configuration.topology {
            // A sentinel may speak of a master that it is about to replace, and a replica takes a PUBLISH too: it
            // would reach that replica's own listeners only.
            steps.append(.role)
            commands.append(RedisCommand("ROLE"))
        }
        if steps.isEmpty {
            steps.append(.ping)
            commands.append(RedisCommand("PING"))
        }
        self.steps = steps
        self.commands = commands
    }

    /// Judges the next answer.
    mutating func received(_ reply: RedisReply) -> Outcome {
        let step = steps[answered]
        answered += 1
        if case .error(let text) = reply, Self.isFatal(text, at: step) {
            return .failed(RedisError(errorReply: text))
        }
        if case .role = step, !Self.isMaster(reply) {
            return .failed(
                RedisError(
                    code: .unavailable,
                    message: "The sentinels named a server that is not the master, as during a failover. "
                        + "Try again shortly; if it stays so, compare their answers (SENTINEL MASTERS)."
                )
            )
        }
        return answered == steps.count ? .done : .more
    }

    private static func isMaster(_ role: RedisReply) -> Bool {
        guard case .array(let parts) = role, case .string(let name)? = parts.first else { return false }
        return name == Array("master".utf8)
    }

    /// The name is an ornament, and a server that is loading or forbids `PING` is connected all the same: its commands
    /// will get their own answers.
    private static func isFatal(_ text: String, at step: Step) -> Bool {
        switch step {
        case .authenticate, .select, .role: true
        case .name, .ping:
            text.hasPrefix("NOAUTH") || text.hasPrefix("DENIED") || text.contains("max number of clients")
        }
    }
}
