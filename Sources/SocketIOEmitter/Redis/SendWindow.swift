import NIOCore
import Synchronization

/// How many bytes of commands may be on their way at once; whoever would exceed it waits its turn.
///
/// A batch enters when fewer than `limit` bytes are inside, whatever its own size, so that at most `limit` bytes and
/// one batch are held. Those who wait hold nothing but their own commands, which are not yet written out.
final class SendWindow: Sendable {
    private struct Waiter {
        let id: UInt64
        let bytes: Int
        let continuation: CheckedContinuation<Result<Void, RedisError>, Never>
    }

    private struct State {
        var used = 0
        var nextID: UInt64 = 0
        var waiters = CircularBuffer<Waiter>()
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    /// How many wait now.
    var waiterCount: Int { state.withLock { $0.waiters.count } }

    /// Enters with so many bytes, after those who asked before.
    ///
    /// - Throws: `.cancelled`, or what ``failWaiters(_:)`` gave.
    func enter(_ bytes: Int) async throws(RedisError) {
        let ticket: UInt64? = state.withLock { state in
            if state.used < limit, state.waiters.isEmpty {
                state.used += bytes
                return nil
            }
            state.nextID += 1
            return state.nextID
        }
        guard let ticket else { return }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { wait(ticket, bytes, $0) }
        } onCancel: {
            cancel(ticket)
        }
        try result.get()
    }

    /// Leaves with so many bytes, and lets in who fits.
    func leave(_ bytes: Int) {
        let admitted: [Waiter] = state.withLock { state in
            state.used -= bytes
            return Self.admit(&state, limit)
        }
        for waiter in admitted {
            waiter.continuation.resume(returning: .success(()))
        }
    }

    /// Sends everybody away who waits now.
    func failWaiters(_ error: RedisError) {
        let waiters = state.withLock { state in
            let waiters = state.waiters
            state.waiters.removeAll()
            return waiters
        }
        for waiter in waiters {
            waiter.continuation.resume(returning: .failure(error))
        }
    }

    private func wait(
        _ ticket: UInt64,
        _ bytes: Int,
        _ continuation: CheckedContinuation<Result<Void, RedisError>, Never>
    ) {
        let waiter = Waiter(id: ticket, bytes: bytes, continuation: continuation)
        let (admitted, isCancelled): ([Waiter], Bool) = state.withLock { state in
            // A cancellation sets this before `cancel` looks for the waiter, so that one of the two sees the other.
            if Task.isCancelled { return ([], true) }
            state.waiters.append(waiter)
            // The window may have emptied since the ticket was drawn.
            return (Self.admit(&state, limit), false)
        }
        if isCancelled { continuation.resume(returning: .failure(Self.cancelled)) }
        for waiter in admitted {
            waiter.continuation.resume(returning: .success(()))
        }
    }

    private func cancel(_ ticket: UInt64) {
        let waiter: Waiter? = state.withLock { state in
            state.waiters.firstIndex { $0.id == ticket }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: .failure(Self.cancelled))
    }

    private static func admit(_ state: inout State, _ limit: Int) -> [Waiter] {
        var admitted: [Waiter] = []
        while state.used < limit, let waiter = state.waiters.popFirst() {
            state.used += waiter.bytes
            admitted.append(waiter)
        }
        return admitted
    }

    private static let cancelled = RedisError(
        code: .cancelled,
        message: "The task was cancelled before its commands were sent. Nothing was done; send them again if needed."
    )
}
