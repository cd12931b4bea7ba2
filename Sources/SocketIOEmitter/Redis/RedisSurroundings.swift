import Logging
import NIOCore

/// What every connection of a client shares.
struct RedisSurroundings: Sendable {
    /// Where connections live.
    let eventLoop: any EventLoop
    let logger: Logger
    /// The wall clock, in milliseconds since 1970 UTC; nil where nobody gave one.
    let now: (@Sendable () -> Int64)?
}
