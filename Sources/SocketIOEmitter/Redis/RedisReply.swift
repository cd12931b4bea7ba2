/// What Redis answered to one command (RESP2).
///
/// An error reply is a value here and not a thrown error: in a pipeline one refused command says nothing about its
/// neighbours. ``RedisError/init(errorReply:)`` turns its text into an error with a remedy.
public enum RedisReply: Hashable, Sendable {
    /// A simple string such as `OK`.
    case status(String)
    /// A bulk string: any bytes.
    case string([UInt8])
    /// A whole number, such as the count of receivers that `PUBLISH` answers.
    case integer(Int64)
    /// A list of replies.
    case array([RedisReply])
    /// No value: a missing key, or an aborted transaction.
    case null
    /// The text of an error reply, such as `NOPERM this user has no permissions …`.
    case error(String)
}
