/// How long records are kept after an occurrence has ended.
public struct Retention: Hashable, Sendable {
    /// How old a record may become, in milliseconds.
    public let age: Int64
    /// How many records there may be; nil for any number.
    public let count: Int?

    /// Thirty days, however many there are.
    public static let standard = Retention(age: 30 * 86_400_000, count: nil)

    /// Keeps records up to an age in milliseconds, and the newest so many of them.
    public init(age: Int64, count: Int?) {
        self.age = age
        self.count = count
    }
}

/// What was removed at one go.
public struct Pruned: Hashable, Sendable {
    /// How many records of occurrences.
    public let deliveries: Int
    /// How many announcements, of which nothing was left.
    public let announcements: Int
    /// Where to go on; nil when nothing more is too old.
    public let next: Int64?

    /// Makes a result; see the properties for what the values mean.
    public init(deliveries: Int, announcements: Int, next: Int64?) {
        self.deliveries = deliveries
        self.announcements = announcements
        self.next = next
    }
}
