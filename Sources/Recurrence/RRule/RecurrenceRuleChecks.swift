extension RecurrenceRule {
    /// Refuses what RFC 5545 §3.3.10 forbids, and ordinals that no month has.
    func check() throws(RecurrenceRuleError) {
        if count != nil, until != nil {
            throw forbidden("UNTIL", "COUNT and UNTIL exclude each other", "Write one of them")
        }
        if !weekNumbers.isEmpty, frequency != .yearly {
            throw forbidden("BYWEEKNO", "BYWEEKNO goes with FREQ=YEARLY only", "Write FREQ=YEARLY, or leave it out")
        }
        if !yearDays.isEmpty, [.daily, .weekly, .monthly].contains(frequency) {
            throw forbidden(
                "BYYEARDAY",
                "BYYEARDAY does not go with FREQ=\(frequency.name)",
                "Write FREQ=YEARLY, or BYMONTH and BYMONTHDAY"
            )
        }
        if !monthDays.isEmpty, frequency == .weekly {
            throw forbidden(
                "BYMONTHDAY",
                "BYMONTHDAY does not go with FREQ=WEEKLY",
                "Write FREQ=DAILY or FREQ=MONTHLY with it"
            )
        }
        try checkOrdinals()
        if !positions.isEmpty, !hasPartForPositions {
            throw forbidden("BYSETPOS", "BYSETPOS picks from the set that another BY part makes", "Add one, like BYDAY")
        }
    }

    private func checkOrdinals() throws(RecurrenceRuleError) {
        for day in days {
            guard let ordinal = day.ordinal else { continue }
            guard frequency >= .monthly else {
                throw forbidden(
                    "BYDAY",
                    "\(day.text) counts weekdays of a month or year, which does not go with FREQ=\(frequency.name)",
                    "Write \(day.weekday.code) alone, or FREQ=MONTHLY"
                )
            }
            guard weekNumbers.isEmpty else {
                throw forbidden(
                    "BYDAY",
                    "\(day.text) counts weekdays, which does not go with BYWEEKNO",
                    "Write \(day.weekday.code) alone"
                )
            }
            if abs(ordinal) > 5, frequency == .monthly || !months.isEmpty {
                throw RecurrenceRuleError(
                    .outOfRange,
                    part: "BYDAY",
                    "BYDAY cannot be \(day.text): no month has more than 5 of a weekday. Write -5 to 5."
                )
            }
        }
    }

    /// Whether there is a part from whose set BYSETPOS can pick.
    var hasPartForPositions: Bool {
        !(seconds.isEmpty && minutes.isEmpty && hours.isEmpty && days.isEmpty && monthDays.isEmpty && yearDays.isEmpty
            && weekNumbers.isEmpty && months.isEmpty)
    }

    private func forbidden(_ part: String, _ reason: String, _ remedy: String) -> RecurrenceRuleError {
        RecurrenceRuleError(.notAllowed, part: part, "\(reason) (RFC 5545). \(remedy).")
    }
}
