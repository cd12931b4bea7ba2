extension AnchoredRule {
    /// What a person should know about an occurrence in a zone.
    ///
    /// - `shifted`: the clocks jump over the wall time that the rule names. Only for rules of wall times.
    /// - `doubled`: the clocks show the wall time twice. A rule of wall times occurs in the first pass only.
    /// - `dropped`: since the occurrence before, wall times of the rule lay in a jump of more than 3 h; or, of a rule that
    ///   ``followsElapsedTime``, in any jump, and nothing took their place.
    ///
    /// Where several are true, the first of them is given.
    /// - Parameters:
    ///   - occurrence: An instant that ``next(after:in:)`` gave.
    ///   - previous: The occurrence before it, or nil to ask for the occurrence alone, of which nothing is `dropped`.
    ///   - zone: The zone in which the rule is read.
    /// - Returns: The mark, or nil when there is nothing to say.
    public func mark(of occurrence: Timestamp, after previous: Timestamp?, in zone: Zone) -> OccurrenceMark? {
        RuleReading(self, zone).mark(of: occurrence, after: previous)
    }
}

extension RuleReading {
    func mark(of occurrence: Timestamp, after previous: Timestamp?) -> OccurrenceMark? {
        let second = floorDivide(Int(occurrence.milliseconds - fraction), by: 1000)
        let before = previous.map { floorDivide(Int($0.milliseconds - fraction), by: 1000) }
        let wall = second + table.stretch(at: second).offset
        let instants = table.instants(of: Int64(wall) * 1000)
        switch rule.steps {
        case .walls(let walls, let last):
            if walls.next(after: wall - 1) != wall { return .shifted }
            if case .overlap = instants { return .doubled(secondPass: false) }
            guard let before else { return nil }
            return Self.dropped(zoned(walls, last).dropped(from: before, to: second, most: OccurrenceMark.mostDropped))
        case .elapsed(let elapsed):
            if case .overlap(let first, _) = instants {
                return .doubled(secondPass: first.milliseconds < Int64(second) * 1000)
            }
            guard let before else { return nil }
            return Self.dropped(dropped(from: before, to: second, elapsed))
        }
    }

    private static func dropped(_ walls: [Int]) -> OccurrenceMark? {
        walls.isEmpty ? nil : .dropped(walls.map { CivilDateTime(localMilliseconds: Int64($0) * 1000) })
    }

    /// What a rule of elapsed time would have had in the jumps between two occurrences, had the clocks not jumped, and
    /// does not have because the clocks show something else.
    private func dropped(from first: Int, to last: Int, _ elapsed: ElapsedSequence) -> [Int] {
        if elapsed.isPlain { return [] }
        var dropped: [Int] = []
        let anchor = anchor(of: elapsed)
        var stretch = table.stretch(at: first)
        for _ in 0..<20_000 {
            guard stretch.end <= last, dropped.count < OccurrenceMark.mostDropped else { break }
            let before = stretch.offset
            stretch = table.stretch(at: stretch.end)
            let jump = stretch.offset - before
            // An occurrence that is left lies at `last`, and not before: the whole jump has none.
            guard jump > 0, stretch.start + jump <= last else { continue }
            let type = LocalType(offset: before, isDaylightSaving: false, abbreviation: "")
            var search = ElapsedSearch(sequence: elapsed, anchor: anchor, table: ZoneTable(fixed: type))
            var from = stretch.start
            while dropped.count < OccurrenceMark.mostDropped,
                let found = search.first(from: from, before: min(stretch.start + jump, last))
            {
                dropped.append(found + before)
                from = found + 1
            }
        }
        return dropped
    }
}
