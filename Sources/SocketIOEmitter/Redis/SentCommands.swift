/// Commands that were handed over together, and what became of each.
enum SentCommands {
    /// Each has its reply, or why there is none.
    case done([Result<RedisReply, RedisError>])
    /// So many are on their way; all are answered, or none.
    case pending(PendingReplies, count: Int)
    /// So many were not sent.
    case refused(RedisError, count: Int)

    /// Waits for the replies, which come in the order of the commands; to be called once.
    func value() async -> [Result<RedisReply, RedisError>] {
        switch self {
        case .done(let results):
            return results
        case .pending(let pending, let count):
            switch await pending.value() {
            case .success(let replies): return replies.map { .success($0) }
            case .failure(let error): return Array(repeating: .failure(error), count: count)
            }
        case .refused(let error, let count):
            return Array(repeating: .failure(error), count: count)
        }
    }

    /// Why what would follow these is better not sent: the connection is known to be lost, or was never made.
    var obstacle: RedisError? {
        let error: RedisError? =
            switch self {
            case .done: nil
            case .pending(let pending, _): pending.failure
            case .refused(let error, _): error
            }
        return error.map { RedisError(code: $0.code, message: $0.message, cause: $0.cause) }
    }
}
