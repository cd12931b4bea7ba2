/// Reads a cron expression: finds which field is which, then reads each.
struct CronParser {
    private let text: String
    private let words: [CronField: String]

    /// What the nicknames stand for (crontab(5)).
    private static let nicknames = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// Tells the fields apart by their number.
    init(text: String, words: [String]) throws(CronError) {
        self.text = text
        var words = words
        if words.first?.hasPrefix("@") == true {
            guard words.count == 1, let meaning = Self.nicknames[text.lowercased()] else {
                throw Self.unknownNickname(text, words[0].lowercased())
            }
            words = meaning.split(separator: " ").map(String.init)
        }
        if let first = words.first?.uppercased(), first.hasPrefix("TZ=") || first.hasPrefix("CRON_TZ=") {
            throw CronError(
                .malformed,
                nil,
                "\"\(text)\" has a time zone in it. Give the zone apart, and the expression without \"\(words[0])\"."
            )
        }
        let order: ArraySlice<CronField> =
            switch words.count {
            case 5: CronField.allCases[1...5]
            case 6: CronField.allCases[0...5]
            case 7: CronField.allCases[0...6]
            default: throw Self.fieldCount(text, words.count)
            }
        self.words = Dictionary(uniqueKeysWithValues: zip(order, words))
    }

    /// Whether the expression has a field and the field begins so.
    func starts(_ field: CronField, with prefix: String) -> Bool {
        words[field]?.hasPrefix(prefix) == true
    }

    /// Reads all fields and makes sure that their dates exist.
    func fields() throws(CronError) -> CronFields {
        var fields = CronFields()
        if let second = words[.second] { fields.seconds = try reader(.second, second).bits() }
        fields.minutes = try reader(.minute).bits()
        fields.hours = try reader(.hour).bits()
        if words[.dayOfMonth] == "?", words[.dayOfWeek] == "?" || words[.dayOfWeek] == "+?" {
            throw CronError(
                .malformed,
                .dayOfWeek,
                "\"\(text)\" cannot have ? both as day of month and as day of week. Write * for one of them."
            )
        }
        fields.daysOfMonth = try reader(.dayOfMonth).daysOfMonth()
        fields.months = try reader(.month).bits()
        // `+` says how the field works with the other, and is no part of it.
        let hasPlus = starts(.dayOfWeek, with: "+")
        fields.daysOfWeek = try reader(.dayOfWeek, dropping: hasPlus ? 1 : 0).daysOfWeek()
        let isOpen = ["*", "?"].contains { starts(.dayOfMonth, with: $0) || starts(.dayOfWeek, with: $0) }
        fields.reading = isOpen || hasPlus ? .both : .either
        if let year = words[.year] { fields.years = try reader(.year, year).years() }
        guard fields.hasDates else { throw neverComes }
        return fields
    }

    private func reader(_ field: CronField, dropping prefix: Int = 0) -> CronFieldParser {
        reader(field, String((words[field] ?? "").dropFirst(prefix)))
    }

    private func reader(_ field: CronField, _ word: String) -> CronFieldParser {
        CronFieldParser(expression: text, field: field, word: word, hasYear: words[.year] != nil)
    }

    private var neverComes: CronError {
        let names = [CronField.dayOfMonth, .month, .dayOfWeek, .year].compactMap { field in
            words[field].flatMap { $0 == "*" || $0 == "?" ? nil : "\(field) \"\($0)\"" }
        }
        return CronError(
            .neverComes,
            .dayOfMonth,
            "\"\(text)\" never comes: there is no date for \(englishList(names)). "
                + "Write a day that the month has, or L for its last."
        )
    }

    private static func unknownNickname(_ text: String, _ nickname: String) -> CronError {
        let reason =
            switch nickname {
            case "@reboot": "names no time"
            case "@every": "is an interval, which is entered by its length alone, such as 15m"
            case _ where nicknames[nickname] != nil: "has more than a nickname, which stands alone"
            default: "is not a nickname that is known"
            }
        return CronError(
            .unknownNickname,
            nil,
            "\"\(text)\" \(reason). Write five fields, or one of "
                + "@hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually."
        )
    }

    private static func fieldCount(_ text: String, _ count: Int) -> CronError {
        let given = count == 0 ? "is empty" : "has \(count) \(count == 1 ? "field" : "fields")"
        return CronError(
            .fieldCount,
            nil,
            "\"\(text)\" \(given). Write five (minute, hour, day of month, month, day of week), "
                + "six with the second before them, or seven with the year after them too."
        )
    }
}

/// Words as a list in a sentence: `a`, `a and b`, `a, b and c`.
func englishList(_ words: [String], _ conjunction: String = "and") -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    return "\(words.dropLast().joined(separator: ", ")) \(conjunction) \(last)"
}
