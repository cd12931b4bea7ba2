/// The generation of Socket.IO that the servers of a cluster run.
///
/// Where the versions of one generation differ, the least of them counts, so that nothing is left out silently.
public enum ServerGeneration: Int, Hashable, Sendable, CaseIterable {
    /// Socket.IO 2 with socket.io-redis 5.
    case two = 2
    /// Socket.IO 3 with socket.io-redis 6.0.
    case three = 3
    /// Socket.IO 4 with socket.io-redis 6.1 or @socket.io/redis-adapter 7 and later.
    case four = 4
}
