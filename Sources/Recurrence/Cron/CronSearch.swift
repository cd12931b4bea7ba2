extension CronExpression {
    /// The first instant of the expression strictly after another, in a zone.
    ///
    /// An expression of fixed times of day (neither minute nor hour begins with `*`) has one occurrence for each of its
    /// wall times: the first at which the clocks reach it. Where they jump over it by up to three hours, that is the
    /// end of the jump (02:30 becomes 03:00), once for all that are jumped over; hours that are repeated do not count
    /// again. What a longer jump leaves out, such as a whole day of Apia in 2011, is left out.
    ///
    /// One that ``followsElapsedTime`` has an occurrence whenever the clocks show one of its wall times.
    /// - Returns: nil when there is none any more before the year 10000.
    public func next(after instant: Timestamp, in zone: Zone) -> Timestamp? {
        search(after: instant.milliseconds, floor: .min, in: zone.table)
    }

    /// The first instant of the expression that belongs to a wall time strictly after another, in a zone.
    ///
    /// For a new plan after the zone's rules have changed: what has been handled is remembered as the wall time that
    /// the clocks showed (``Zone/civil(at:)``), so that no wall time is handled twice, however the new rules move it.
    /// The result can lie before the instant at which that wall time was handled.
    ///
    /// For an expression that ``followsElapsedTime``, use ``next(after:in:)`` with the last instant. This method does
    /// it for you with the last instant at which the clocks show the wall time (the second pass of an overlap).
    public func next(afterWall wall: CivilDateTime, in zone: Zone) -> Timestamp? {
        guard followsElapsedTime else {
            let local = wall.localMilliseconds
            return search(after: local - ZoneTable.maximumOffset - 1, floor: local, in: zone.table)
        }
        switch zone.instants(of: wall) {
        case .one(let instant), .overlap(_, let instant): return next(after: instant, in: zone)
        case .gap(_, _, let end): return next(after: end - 1, in: zone)
        }
    }

    /// The longest jump, in milliseconds, that is daylight saving and not a correction of the calendar.
    static let longestShift: Int64 = 3 * 3_600_000

    /// Goes from one stretch of constant offset to the next, leaping over those that the next wall time lies beyond.
    ///
    /// The result is later than `time` and belongs to a wall time later than `floor`.
    private func search(after time: Int64, floor: Int64, in table: ZoneTable) -> Timestamp? {
        var time = time
        var stretch = table.stretch(at: time)
        // For fixed times of day, wall times before this one have had their turn.
        var passed = followsElapsedTime ? Int64.min + 1 : table.wallPassed(before: time)
        while true {
            let wall = fields.next(after: max(time + stretch.offset, passed - 1, floor))
            if let wall, wall - stretch.offset < stretch.end { return Timestamp(exactly: wall - stretch.offset) }
            if stretch.end == .max || (wall == nil && !followsElapsedTime) { return nil }
            // No clock shows the wall time before this.
            let earliest = wall.map { $0 - ZoneTable.maximumOffset } ?? .max
            // Elapsed time can meet earlier wall times again, but not after this long.
            let isNew = !followsElapsedTime || stretch.end - time > 2 * ZoneTable.maximumOffset
            if earliest > stretch.end, isNew {
                guard earliest < .max else { return nil }
                time = earliest - 1
                stretch = table.stretch(at: time)
                if !followsElapsedTime { passed = table.wallPassed(before: time) }
                continue
            }
            let next = table.stretch(at: stretch.end)
            if !followsElapsedTime {
                passed = max(passed, stretch.end + stretch.offset)
                let jump = stretch.end + next.offset - passed
                if jump > 0, jump <= Self.longestShift,
                    let missed = fields.next(after: max(passed - 1, floor)), missed < passed + jump
                {
                    return Timestamp(exactly: stretch.end)
                }
            }
            time = stretch.end - 1
            stretch = next
        }
    }
}

/// A stretch of time in which a zone's offset does not change, in milliseconds.
struct ZoneStretch {
    /// The first instant after it, or `Int64.max`.
    let end: Int64
    /// East of UTC.
    let offset: Int64
}

extension ZoneTable {
    /// The stretch that holds an instant.
    @inline(__always)
    func stretch(at time: Int64) -> ZoneStretch {
        let shift = shift(time)
        let index = segment(time - shift)
        return ZoneStretch(
            end: index + 1 < starts.count ? starts[index + 1] + shift : .max,
            offset: Int64(offsets[index])
        )
    }

    /// The latest wall time at which the clocks had arrived before the stretch of an instant began.
    ///
    /// No earlier one is shown, or jumped over, for the first time in that stretch.
    func wallPassed(before time: Int64) -> Int64 {
        let shift = shift(time)
        let index = segment(time - shift)
        var passed = Int64.min + 1
        var last = index
        while last > 0, starts[index] - starts[last] <= 2 * Self.maximumOffset {
            passed = max(passed, starts[last] + shift + Int64(offsets[last - 1]))
            last -= 1
        }
        return passed
    }
}
