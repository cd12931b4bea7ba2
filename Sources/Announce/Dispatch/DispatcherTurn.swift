/// What a dispatcher is doing when its loop gives a sign of life.
///
/// There is no longer than about half a minute between two of them, unless the loop hangs: that is the longest wait after
/// a failure, and what Redis and the database are given to answer.
public enum DispatcherTurn: Hashable, Sendable {
    /// Another leads, and is watched.
    case standsBy
    /// It leads.
    case leads
    /// It could not publish or store something, and waits before it tries again.
    case waits
}
