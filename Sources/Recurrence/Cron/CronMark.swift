extension CronExpression {
    /// What a person should know about an occurrence.
    ///
    /// - `shifted`: fixed times of day that the clocks jump over; the occurrence is at the end of the jump instead.
    /// - `dropped`: since the occurrence before, the clocks have jumped over wall times of the expression, and nothing
    ///   goes out for them. One at which the expression has an occurrence under its later name (02:30 is 03:30 in the
    ///   summer time that has just begun) is not dropped.
    /// - `doubled`: the clocks show the occurrence's wall time twice. Fixed times of day take the first pass only.
    /// - Parameters:
    ///   - occurrence: An occurrence of the expression.
    ///   - previous: The one before it, or the instant from which one looks; nil leaves out what was dropped.
    ///   - zone: The zone in which the expression is read.
    /// - Returns: The first of these that is true, or nil when nothing is special about the occurrence.
    public func mark(of occurrence: Timestamp, after previous: Timestamp?, in zone: Zone) -> OccurrenceMark? {
        let local = zone.civil(at: occurrence).localMilliseconds
        let isNamed = fields.contains(local)
        if !isNamed {
            return !followsElapsedTime && next(after: occurrence - 1, in: zone) == occurrence ? .shifted : nil
        }
        if let previous {
            let dropped = dropped(after: previous.milliseconds, to: occurrence.milliseconds, in: zone.table)
            if !dropped.isEmpty { return .dropped(dropped.map(CivilDateTime.init(localMilliseconds:))) }
        }
        if case .overlap(let first, let second) = zone.instants(of: CivilDateTime(localMilliseconds: local)) {
            if occurrence == first { return .doubled(secondPass: false) }
            if occurrence == second, followsElapsedTime { return .doubled(secondPass: true) }
        }
        return nil
    }

    /// The first wall times of the expression that are jumped over between two instants and have no occurrence.
    private func dropped(after previous: Int64, to occurrence: Int64, in table: ZoneTable) -> [Int64] {
        var dropped: [Int64] = []
        var stretch = table.stretch(at: previous)
        while stretch.end <= occurrence, dropped.count < OccurrenceMark.mostDropped {
            let next = table.stretch(at: stretch.end)
            let jump = next.offset - stretch.offset
            if jump > 0, followsElapsedTime || jump > Self.longestShift {
                let shown = stretch.end + next.offset
                var wall = fields.next(after: shown - jump - 1)
                while let missed = wall, missed < shown, dropped.count < OccurrenceMark.mostDropped {
                    if !followsElapsedTime || !fields.contains(missed + jump) { dropped.append(missed) }
                    wall = fields.next(after: missed)
                }
            }
            stretch = next
        }
        return dropped
    }
}
