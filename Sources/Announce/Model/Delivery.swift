import Recurrence

/// How an occurrence ended; each ends in exactly one of these ways.
public enum Outcome: String, Hashable, Sendable, CaseIterable {
    /// Redis took it.
    case published
    /// Nobody was listening until its grace ran out.
    case unheard
    /// It could not go out before its grace ran out.
    case missed
    /// It was no longer true.
    case expired
    /// A policy, a pause or a newer occurrence took its place.
    case skipped
    /// It can never go out: it cannot be rendered or sent.
    case failed
    /// Somebody called it off.
    case cancelled
}

/// The record of one occurrence: what became of it, when, and who heard it.
public struct Delivery: Hashable, Sendable {
    /// What was to go out, and when.
    public let occurrence: Occurrence
    /// When the window starts that it is about; its nominal time for the start itself.
    public let anchor: Timestamp
    /// How it ended.
    public let outcome: Outcome
    /// How often it was given to Redis, successfully or not.
    public let attempts: Int
    /// When it ended; for ``Outcome/published``, when Redis had taken it.
    public let concluded: Timestamp
    /// How many Socket.IO servers Redis handed it to; `nil` when that cannot be known or nothing was sent.
    public let receivers: Int?
    /// Why it did not go out, in words.
    public let error: String?
    /// How many clients acknowledged it; nil where that was not asked, or is not known.
    public let acknowledgements: AcknowledgementCount?
    /// Who sent it outside of its schedule; nil for what the schedule brings.
    public let firedBy: String?

    /// Makes a record; see the properties for what the values mean.
    public init(
        occurrence: Occurrence,
        anchor: Timestamp? = nil,
        outcome: Outcome,
        attempts: Int,
        concluded: Timestamp,
        receivers: Int? = nil,
        error: String? = nil,
        acknowledgements: AcknowledgementCount? = nil,
        firedBy: String? = nil
    ) {
        self.occurrence = occurrence
        self.anchor = anchor ?? occurrence.nominal
        self.outcome = outcome
        self.attempts = attempts
        self.concluded = concluded
        self.receivers = receivers
        self.error = error
        self.acknowledgements = acknowledgements
        self.firedBy = firedBy
    }

    /// How late it ended, in milliseconds after its nominal time.
    public var lateness: Int64 { concluded - occurrence.nominal }
}
