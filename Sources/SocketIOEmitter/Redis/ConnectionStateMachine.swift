import NIOCore

/// Decides what a reconnecting connection does; it does nothing itself.
///
/// Feed it what happened and carry out the action that it returns. `Work` is a written batch and whoever waits for it:
/// the machine only keeps it until its replies are complete or can no longer come.
///
///     idle ── submit ──▶ connecting ── connected ──▶ shaking hands ── last answer ──▶ ready
///      ▲                     │                            │                            │
///      └──── failed, timed out, closed: everybody who waits is told ◀──────────────────┘
///
/// Where sentinels tell the master, a READONLY reply means that it is one no longer: what was written is answered
/// still, what comes waits, and then another connection is made (`draining`).
///
/// Every connection attempt has a number. Events of an attempt that was given up arrive late and are ignored. Times
/// are nanoseconds of a monotonic clock and come in with the events.
struct ConnectionStateMachine<Work> {
    /// What has to be done now.
    enum Action {
        case nothing
        /// Open a connection, and report back when `connectTimeout` is over.
        case connect(attempt: Int)
        /// Send the first commands on the connection that was just made.
        case shakeHands(Handshake, attempt: Int)
        /// Write these, in this order.
        case write([Work])
        /// Hand over the replies of a batch.
        case succeed(Work, [RedisReply])
        /// Tell these that nothing more will come, and close the connection if it is still open.
        case fail([(Work, RedisError)])
        /// Refuse this batch: nothing was done with it.
        case refuse(Work, RedisError)
        /// Close the connection: it is not wanted, or no longer.
        case close
        /// Close the connection and open another one.
        case reconnect(attempt: Int)
    }

    private enum Phase {
        case idle
        case connecting
        case shakingHands(Handshake)
        case ready
        case draining
    }

    private struct Entry {
        let work: Work
        let replyCount: Int
        /// When its replies must be complete; nil until it is written.
        var deadline: UInt64?
    }

    private let configuration: RedisConfiguration
    private let commandTimeout: UInt64
    private let followsMaster: Bool
    private var phase = Phase.idle
    private var attempt = 0
    private var isClosing = false
    private var waiting = CircularBuffer<Entry>()
    private var inFlight = CircularBuffer<Entry>()
    /// The replies so far of the first batch in flight.
    private var replies: [RedisReply] = []

    init(_ configuration: RedisConfiguration) {
        self.configuration = configuration
        self.followsMaster = if case .sentinel = configuration.topology { true } else { false }
        self.commandTimeout = UInt64(max(0, TimeAmount(configuration.commandTimeout).nanoseconds))
    }

    /// When the oldest batch in flight runs out of time; nil when none is in flight.
    var nextDeadline: UInt64? { inFlight.first.flatMap(\.deadline) }

    /// Whether Redis has answered on the connection there is.
    var isReady: Bool {
        switch phase {
        case .ready, .draining: true
        case .idle, .connecting, .shakingHands: false
        }
    }

    /// Whether it was closed and nothing is left to do.
    var isFinished: Bool {
        if case .idle = phase { isClosing } else { false }
    }

    /// A batch wants to be sent.
    mutating func submit(_ work: Work, replyCount: Int, at time: UInt64) -> Action {
        guard !isClosing else {
            return .refuse(work, RedisError(code: .closed, message: "The Redis client was closed. Make a new one."))
        }
        let entry = Entry(work: work, replyCount: replyCount)
        switch phase {
        case .ready:
            launch(entry, at: time)
            return .write([work])
        case .connecting, .shakingHands, .draining:
            waiting.append(entry)
            return .nothing
        case .idle:
            waiting.append(entry)
            phase = .connecting
            attempt += 1
            return .connect(attempt: attempt)
        }
    }

    /// A connection was made.
    mutating func connected(attempt: Int) -> Action {
        guard isCurrent(attempt), case .connecting = phase else { return .close }
        let handshake = Handshake(configuration)
        phase = .shakingHands(handshake)
        return .shakeHands(handshake, attempt: attempt)
    }

    /// A reply arrived.
    mutating func received(_ reply: RedisReply, attempt: Int, at time: @autoclosure () -> UInt64) -> Action {
        guard isCurrent(attempt) else { return .nothing }
        switch phase {
        case .ready, .draining:
            return receivedReply(reply)
        case .shakingHands(var handshake):
            switch handshake.received(reply) {
            case .more:
                phase = .shakingHands(handshake)
                return .nothing
            case .done:
                return becomeReady(at: time())
            case .failed(let error):
                return abandon(error)
            }
        case .idle, .connecting:
            return .nothing
        }
    }

    /// No connection could be made, or the one there was broke.
    mutating func failed(_ error: RedisError, attempt: Int) -> Action {
        guard isCurrent(attempt) else { return .nothing }
        return abandon(error)
    }

    /// `connectTimeout` is over for an attempt.
    mutating func connectTimeoutPassed(attempt: Int) -> Action {
        guard isCurrent(attempt) else { return .nothing }
        switch phase {
        case .idle, .ready, .draining:
            return .nothing
        case .connecting, .shakingHands:
            let (what, remedy) =
                if case .connecting = phase {
                    ("could not be reached", "Check that it runs there and that no firewall drops the connection.")
                } else if configuration.tls == nil {
                    ("accepted but did not answer", "Check that it is Redis, and look at its load.")
                } else {
                    ("accepted but did not answer", "Check that this port speaks TLS; if not, write redis://.")
                }
            return abandon(
                RedisError(
                    code: .timeout,
                    message: "Redis at \(configuration.place) \(what) within \(configuration.connectTimeout). \(remedy)"
                )
            )
        }
    }

    /// The time of ``nextDeadline`` has come.
    ///
    /// When a batch is too late its connection is given up, because a late reply could be taken for that of the next
    /// command. All batches in flight fail.
    mutating func deadlinePassed(at time: UInt64) -> Action {
        guard let deadline = nextDeadline, deadline <= time else { return .nothing }
        let late = RedisError(
            code: .timeout,
            message: "Redis at \(configuration.place) did not reply within \(configuration.commandTimeout). "
                + "Look at its load and the network; the connection was closed and will be made again.",
            mayHaveExecuted: true
        )
        let behind = RedisError(
            code: .connectionLost,
            message: "The connection to Redis at \(configuration.place) was closed because an earlier command got no "
                + "reply in time. Look at its load and the network.",
            mayHaveExecuted: true
        )
        return abandon { ($0 ?? .max) <= time ? late : behind }
    }

    /// Nobody wants it any more: what was accepted is finished first.
    mutating func close() -> Action {
        isClosing = true
        return whatIsLeft()
    }

    /// What is left to do after an action was carried out.
    ///
    /// It closes once the last accepted batch is done, and leaves a server that is no master once it owes no reply.
    mutating func whatIsLeft() -> Action {
        guard inFlight.isEmpty else { return .nothing }
        switch phase {
        case .idle:
            return .nothing
        case .draining where !waiting.isEmpty:
            phase = .connecting
            attempt += 1
            return .reconnect(attempt: attempt)
        case .draining:
            phase = .idle
            return .close
        case .connecting, .shakingHands, .ready:
            guard isClosing, waiting.isEmpty else { return .nothing }
            phase = .idle
            return .close
        }
    }

    private mutating func receivedReply(_ reply: RedisReply) -> Action {
        guard let first = inFlight.first else {
            // Nothing was asked: Redis says why it is about to close, or something else is out of step.
            if case .error(let text) = reply { return abandon(RedisError(errorReply: text)) }
            return abandon(
                RedisError(
                    code: .protocol,
                    message: "Redis sent a reply that nothing asked for. Look for a proxy between here and the server."
                )
            )
        }
        if followsMaster, Self.isReadOnly(reply) { phase = .draining }
        if replies.isEmpty { replies.reserveCapacity(first.replyCount) }
        replies.append(reply)
        guard replies.count == first.replyCount else { return .nothing }
        inFlight.removeFirst()
        let complete = replies
        replies = []
        return .succeed(first.work, complete)
    }

    /// Whether the server says that it is a replica; Redis before 7 wraps it when a script meets it.
    private static func isReadOnly(_ reply: RedisReply) -> Bool {
        guard case .error(let text) = reply else { return false }
        return text.hasPrefix("READONLY") || text.contains("-READONLY ")
    }

    private mutating func becomeReady(at time: UInt64) -> Action {
        phase = .ready
        let entries = waiting
        waiting.removeAll()
        for entry in entries {
            launch(entry, at: time)
        }
        return .write(entries.map(\.work))
    }

    private mutating func launch(_ entry: Entry, at time: UInt64) {
        var entry = entry
        let (deadline, overflow) = time.addingReportingOverflow(commandTimeout)
        entry.deadline = overflow ? .max : deadline
        inFlight.append(entry)
    }

    private mutating func abandon(_ error: RedisError) -> Action {
        let afterWriting = error.afterWriting()
        return abandon { $0 == nil ? error : afterWriting }
    }

    /// Gives the connection up; what has no deadline was not written.
    private mutating func abandon(_ error: (_ deadline: UInt64?) -> RedisError) -> Action {
        let failures = (inFlight + waiting).map { ($0.work, error($0.deadline)) }
        inFlight.removeAll()
        waiting.removeAll()
        replies = []
        phase = .idle
        return .fail(failures)
    }

    private func isCurrent(_ attempt: Int) -> Bool {
        if case .idle = phase { false } else { attempt == self.attempt }
    }
}
