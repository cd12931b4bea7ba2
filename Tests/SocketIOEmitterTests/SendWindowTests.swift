import AnnounceTestKit
import Testing

@testable import SocketIOEmitter

@Suite("The send window", .timeLimit(.minutes(5)))
struct SendWindowTests {
    @Test("A batch enters while there is room, whatever its size; the next one waits until there is room again")
    func admits() async throws {
        let window = SendWindow(limit: 10)
        try await window.enter(9)
        try await window.enter(100)
        let third = Task { try await window.enter(1) }
        try await eventually("the third waits") { window.waiterCount == 1 }
        window.leave(9)
        #expect(window.waiterCount == 1, "100 bytes are still inside")
        window.leave(100)
        try await third.value
        #expect(window.waiterCount == 0)
    }

    @Test("A cancelled waiter goes away and lets the others in")
    func cancels() async throws {
        let window = SendWindow(limit: 1)
        try await window.enter(1)
        let first = Task { try await window.enter(1) }
        try await eventually("the first waits") { window.waiterCount == 1 }
        let second = Task { try await window.enter(1) }
        try await eventually("the second waits") { window.waiterCount == 2 }
        first.cancel()
        let error = try await redisError { try await first.value }
        #expect(error.code == .cancelled)
        #expect(!error.mayHaveExecuted)
        window.leave(1)
        try await second.value
        #expect(window.waiterCount == 0)
    }

    @Test("A task that was cancelled before does not wait")
    func refusesCancelled() async throws {
        let window = SendWindow(limit: 1)
        try await window.enter(1)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await window.enter(1)
        }
        #expect(try await redisError { try await task.value }.code == .cancelled)
    }

    @Test("Those who wait are sent away with an error, and the window goes on")
    func failsWaiters() async throws {
        let window = SendWindow(limit: 1)
        try await window.enter(1)
        let waiting = Task { try await window.enter(1) }
        try await eventually("somebody waits") { window.waiterCount == 1 }
        window.failWaiters(RedisError(code: .connectionLost, message: ""))
        #expect(try await redisError { try await waiting.value }.code == .connectionLost)
        window.leave(1)
        try await window.enter(1)
    }
}
