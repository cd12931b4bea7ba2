import Testing

@testable import SocketIOEmitter

@Suite("The connection's decisions")
struct ConnectionStateMachineTests {
    typealias Machine = ConnectionStateMachine<String>

    let configuration = RedisConfiguration(endpoint: .tcp(host: "h", port: 1))
    let second: UInt64 = 1_000_000_000

    /// Actions in a form that can be compared: names, and the errors of those who failed.
    func describe(_ action: Machine.Action) -> String {
        switch action {
        case .nothing: "nothing"
        case .connect(let attempt): "connect \(attempt)"
        case .shakeHands(let handshake, let attempt): "shake hands \(handshake.commands.count) \(attempt)"
        case .write(let works): "write \(works.joined(separator: " "))"
        case .succeed(let work, let replies): "succeed \(work) \(replies.count)"
        case .fail(let failures): "fail" + failures.map { " \($0):\(describe($1))" }.joined()
        case .refuse(let work, let error): "refuse \(work):\(describe(error))"
        case .close: "close"
        case .reconnect(let attempt): "reconnect \(attempt)"
        }
    }

    func describe(_ error: RedisError) -> String {
        "\(error.code)\(error.mayHaveExecuted ? "?" : "")"
    }

    /// A machine whose first connection is ready; the batch "a" of one command is written at time 0.
    func ready() -> Machine {
        var machine = Machine(configuration)
        _ = machine.submit("a", replyCount: 1, at: 0)
        _ = machine.connected(attempt: 1)
        _ = machine.received(.status("PONG"), attempt: 1, at: 0)
        return machine
    }

    @Test("Concurrent first callers share one attempt, and are written in order once Redis has answered")
    func sharesAttempt() {
        var machine = Machine(configuration)
        #expect(describe(machine.submit("a", replyCount: 1, at: 0)) == "connect 1")
        #expect(describe(machine.submit("b", replyCount: 2, at: 0)) == "nothing")
        #expect(describe(machine.connected(attempt: 1)) == "shake hands 1 1")
        #expect(describe(machine.submit("c", replyCount: 1, at: 0)) == "nothing")
        #expect(machine.nextDeadline == nil)
        #expect(describe(machine.received(.status("PONG"), attempt: 1, at: 7)) == "write a b c")
        #expect(machine.nextDeadline == 7 + 5 * second)
        #expect(describe(machine.submit("d", replyCount: 1, at: 0)) == "write d")
    }

    @Test("Replies belong to batches in order; error replies are replies")
    func matchesReplies() {
        var machine = ready()
        #expect(describe(machine.submit("b", replyCount: 2, at: 1)) == "write b")
        #expect(describe(machine.received(.integer(1), attempt: 1, at: 0)) == "succeed a 1")
        #expect(describe(machine.received(.error("NOPERM no"), attempt: 1, at: 0)) == "nothing")
        guard case .succeed("b", let replies) = machine.received(.integer(3), attempt: 1, at: 0) else {
            Issue.record("b is not complete")
            return
        }
        #expect(replies == [.error("NOPERM no"), .integer(3)])
        #expect(machine.nextDeadline == nil)
    }

    @Test("Who waits for a connection that cannot be made is told that nothing was sent; the next batch tries again")
    func failsToConnect() {
        var machine = Machine(configuration)
        _ = machine.submit("a", replyCount: 1, at: 0)
        _ = machine.submit("b", replyCount: 1, at: 0)
        let refused = RedisError(code: .unreachable, message: "")
        #expect(describe(machine.failed(refused, attempt: 1)) == "fail a:unreachable b:unreachable")
        #expect(describe(machine.submit("c", replyCount: 1, at: 0)) == "connect 2")
        #expect(describe(machine.failed(refused, attempt: 1)) == "nothing", "an old event is ignored")
    }

    @Test("A connection that was lost leaves what was written unknown")
    func losesConnection() {
        var machine = ready()
        _ = machine.submit("b", replyCount: 2, at: 0)
        _ = machine.received(.integer(0), attempt: 1, at: 0)
        _ = machine.received(.integer(0), attempt: 1, at: 0)
        let lost = RedisError(code: .connectionLost, message: "")
        #expect(describe(machine.failed(lost, attempt: 1)) == "fail b:connectionLost?")
        #expect(describe(machine.submit("c", replyCount: 1, at: 0)) == "connect 2")
        #expect(describe(machine.connected(attempt: 2)) == "shake hands 1 2")
        #expect(describe(machine.received(.integer(9), attempt: 1, at: 0)) == "nothing", "it is of the old connection")
        #expect(describe(machine.received(.status("PONG"), attempt: 2, at: 0)) == "write c")
        #expect(describe(machine.received(.integer(0), attempt: 2, at: 0)) == "succeed c 1")
    }

    @Test("A refused handshake fails those who wait, with its own code")
    func failsHandshake() {
        var machine = Machine(configuration)
        _ = machine.submit("a", replyCount: 1, at: 0)
        _ = machine.connected(attempt: 1)
        let action = machine.received(.error("NOAUTH Authentication required."), attempt: 1, at: 0)
        #expect(describe(action) == "fail a:authentication")
    }

    @Test("Too late is timed out, what is behind it is lost, and the connection is given up")
    func timesOut() {
        var machine = ready()
        _ = machine.submit("b", replyCount: 1, at: 2 * second)
        #expect(describe(machine.deadlinePassed(at: 5 * second - 1)) == "nothing")
        #expect(describe(machine.deadlinePassed(at: 5 * second)) == "fail a:timeout? b:connectionLost?")
        #expect(machine.nextDeadline == nil)
        #expect(describe(machine.received(.integer(1), attempt: 1, at: 0)) == "nothing")
    }

    @Test("The connect timeout counts until the handshake is done", arguments: [true, false])
    func timesOutConnecting(accepts: Bool) {
        var machine = Machine(configuration)
        _ = machine.submit("a", replyCount: 1, at: 0)
        if accepts { _ = machine.connected(attempt: 1) }
        #expect(describe(machine.connectTimeoutPassed(attempt: 1)) == "fail a:timeout")
        #expect(describe(machine.connected(attempt: 1)) == "close", "it came too late")
    }

    @Test("The connect timeout means nothing to a ready connection, nor to a later attempt")
    func ignoresOldConnectTimeout() {
        var machine = ready()
        #expect(describe(machine.connectTimeoutPassed(attempt: 1)) == "nothing")
        _ = machine.failed(RedisError(code: .connectionLost, message: ""), attempt: 1)
        _ = machine.submit("b", replyCount: 1, at: 0)
        #expect(describe(machine.connectTimeoutPassed(attempt: 1)) == "nothing")
        #expect(describe(machine.connectTimeoutPassed(attempt: 2)) == "fail b:timeout")
    }

    @Test("A reply that nothing asked for ends the connection", arguments: [true, false])
    func refusesUnasked(isError: Bool) {
        var machine = ready()
        _ = machine.received(.integer(0), attempt: 1, at: 0)
        let reply: RedisReply = isError ? .error("ERR max number of clients reached") : .integer(1)
        #expect(describe(machine.received(reply, attempt: 1, at: 0)) == "fail")
        #expect(describe(machine.submit("b", replyCount: 1, at: 0)) == "connect 2")
    }

    @Test("Closing finishes what was accepted, refuses the rest, and then closes")
    func closes() {
        var machine = Machine(configuration)
        _ = machine.submit("a", replyCount: 1, at: 0)
        #expect(describe(machine.close()) == "nothing")
        #expect(!machine.isFinished)
        #expect(describe(machine.submit("b", replyCount: 1, at: 0)) == "refuse b:closed")
        #expect(describe(machine.connected(attempt: 1)) == "shake hands 1 1")
        #expect(describe(machine.received(.status("PONG"), attempt: 1, at: 0)) == "write a")
        #expect(describe(machine.received(.integer(0), attempt: 1, at: 0)) == "succeed a 1")
        #expect(describe(machine.whatIsLeft()) == "close")
        #expect(machine.isFinished)
        #expect(describe(machine.whatIsLeft()) == "nothing")
    }

    @Test("Closing what was never connected is done at once")
    func closesIdle() {
        var machine = Machine(configuration)
        #expect(describe(machine.close()) == "nothing")
        #expect(machine.isFinished)
    }

    @Test("A server that has become a replica is left once it owes nothing; what came meanwhile goes to the next one")
    func leavesReplica() {
        var machine = Machine(RedisConfiguration(topology: .sentinel(sentinels: [], master: "m")))
        _ = machine.submit("a", replyCount: 1, at: 0)
        #expect(describe(machine.connected(attempt: 1)) == "shake hands 1 1")
        let role: RedisReply = .array([.string(Array("master".utf8)), .integer(0), .array([])])
        #expect(describe(machine.received(role, attempt: 1, at: 0)) == "write a")
        _ = machine.submit("b", replyCount: 1, at: 0)
        #expect(describe(machine.received(.error("READONLY You can't"), attempt: 1, at: 0)) == "succeed a 1")
        #expect(describe(machine.whatIsLeft()) == "nothing", "b is on its way")
        #expect(describe(machine.submit("c", replyCount: 1, at: 0)) == "nothing")
        #expect(describe(machine.received(.error("READONLY You can't"), attempt: 1, at: 0)) == "succeed b 1")
        #expect(describe(machine.whatIsLeft()) == "reconnect 2")
        _ = machine.connected(attempt: 2)
        #expect(describe(machine.received(role, attempt: 2, at: 0)) == "write c")
        let script: RedisReply = .error(
            "ERR Error running script: -READONLY You can't write against a read only replica."
        )
        #expect(describe(machine.received(script, attempt: 2, at: 0)) == "succeed c 1")
        #expect(describe(machine.whatIsLeft()) == "close")
        #expect(describe(machine.submit("d", replyCount: 1, at: 0)) == "connect 3")
    }

    @Test("Without sentinels there is no other master: READONLY is a reply like any other")
    func staysWithoutSentinels() {
        var machine = ready()
        #expect(describe(machine.received(.error("READONLY You can't"), attempt: 1, at: 0)) == "succeed a 1")
        #expect(describe(machine.whatIsLeft()) == "nothing")
        #expect(describe(machine.submit("b", replyCount: 1, at: 0)) == "write b")
    }
}
