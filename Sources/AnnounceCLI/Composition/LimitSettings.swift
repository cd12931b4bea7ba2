import Announce
import Recurrence

/// How fast messages go out and how long records are kept, as it was set.
struct LimitSettings {
    /// How many bytes of messages may go out in a second, after a burst.
    let bytesPerSecond: Int
    /// How long records are kept.
    let retention: Retention

    /// The three settings as they were written, by their keys.
    let texts: [String: String]

    /// The word for no limit.
    static let none = "none"

    /// Reads the three settings.
    ///
    /// - Parameters:
    ///   - bytesPerSecond: a number of bytes, with `KiB` or `MiB` of those.
    ///   - age: a span such as `30d`.
    ///   - count: a number of records, or `none`.
    /// - Throws: ``CommandFailure`` with exit code 78 that names the key.
    init(bytesPerSecond: String, age: String, count: String) throws(CommandFailure) {
        texts = ["max-bytes-per-second": bytesPerSecond, "retention.age": age, "retention.count": count]
        guard let bytes = Self.bytes(bytesPerSecond) else {
            throw Self.failure("max-bytes-per-second", bytesPerSecond, "Write bytes, such as 16MiB, 512KiB or 65536.")
        }
        self.bytesPerSecond = bytes
        guard let span = try? TimeSpan(age), span.months == 0, span != .zero else {
            throw Self.failure("retention.age", age, "Write days or less, such as 30d or 12h.")
        }
        if count != Self.none && (Int(count) ?? 0) < 1 {
            throw Self.failure("retention.count", count, "Write 1 or more, or none for any number.")
        }
        retention = Retention(age: Int64(span.days) * 86_400_000 + span.milliseconds, count: Int(count))
    }

    private static func bytes(_ text: String) -> Int? {
        let units = [("MiB", 1 << 20), ("KiB", 1 << 10)]
        let (digits, unit) =
            units.first { text.hasSuffix($0.0) }.map { (text.dropLast($0.0.count), $0.1) } ?? (text[...], 1)
        guard let number = Int(digits), number > 0, number <= Int(Int32.max) else { return nil }
        return number * unit
    }

    private static func failure(_ key: String, _ value: String, _ remedy: String) -> CommandFailure {
        CommandFailure(
            "The setting \(key) is \"\(value)\", which cannot be used. \(remedy)",
            exitCode: CommandFailure.configuration
        )
    }
}
