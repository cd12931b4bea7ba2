import Recurrence

/// A hold of the whole dispatcher: nothing goes out until it is released.
public struct Hold: Hashable, Sendable {
    /// Since when.
    public let since: Timestamp
    /// Who holds it.
    public let by: String
    /// Why, in the user's words.
    public let reason: String?

    /// Makes a hold.
    public init(since: Timestamp, by: String, reason: String?) {
        self.since = since
        self.by = by
        self.reason = reason
    }
}

extension AnnounceError {
    /// Nothing was sent, as dispatchers are held.
    init(held hold: Hold) {
        let reason = hold.reason.map { ": \($0)" } ?? ""
        self.init(
            .held,
            "The dispatcher is held since \(hold.since) by \(hold.by)\(reason). `announce release` lets it go on."
        )
    }
}
