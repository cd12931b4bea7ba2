/// The instants of a ``WallSequence`` in a zone: RFC 5545 §3.3.5, and no occurrence inside a jump of more than 3 h.
///
/// A wall time in a gap moves by the gap's length, so it can pass another one that is not in the gap. The occurrences are
/// the set of all instants in order, and one instant is one occurrence. All times are seconds.
struct ZonedWalls {
    let walls: WallSequence
    let table: ZoneTable

    /// The last wall time that COUNT leaves.
    let limit: Int

    /// A longer jump of the clocks is a correction of the calendar.
    static let longestShift = 3 * 3600

    /// No two offsets differ by more (RFC 9636 §3.2: from -25 h to 26 h).
    private static let widest = 52 * 3600

    private static let lastSecond = (DaySequence.lastDay + 1) * 86_400

    private func wall(after wall: Int) -> Int? {
        guard let next = walls.next(after: wall), next <= limit else { return nil }
        return next
    }

    /// The first occurrence strictly after an instant.
    func next(after instant: Int) -> Int? {
        let stretch = table.stretch(at: instant)
        if instant - stretch.start > Self.widest {
            // No gap and no overlap is near: the next wall time is the next occurrence, if the offset still holds.
            guard let wall = wall(after: instant + stretch.offset) else { return nil }
            if wall < stretch.end + stretch.offset { return wall - stretch.offset }
            return next(after: instant, in: stretch, earliest: nil, wall: wall)
        }
        return next(after: instant, in: stretch, earliest: shifted(near: instant, in: stretch), wall: nil)
    }

    /// The first occurrence after an instant that a gap of the last 3 hours has moved there.
    private func shifted(near instant: Int, in stretch: Stretch) -> Int? {
        var stretch = stretch
        var earliest: Int?
        while stretch.start > instant - Self.longestShift {
            if let found = shifted(by: stretch, after: instant) { earliest = min(earliest ?? found, found) }
            stretch = table.stretch(at: stretch.start - 1)
        }
        return earliest
    }

    /// The first occurrence after an instant that the gap at a stretch's beginning moves.
    private func shifted(by stretch: Stretch, after instant: Int) -> Int? {
        guard stretch.start > -Stretch.far else { return nil }
        let before = table.stretch(at: stretch.start - 1).offset
        guard stretch.offset > before, stretch.offset - before <= Self.longestShift else { return nil }
        var last = max(instant, stretch.start - 1) + before
        // Only where changes follow each other within hours can a wall time of this gap be shown all the same.
        for _ in 0..<100 {
            guard let wall = wall(after: last), wall < stretch.start + stretch.offset else { return nil }
            if case .gap(_, _, let end) = instants(of: wall), end.milliseconds == Int64(stretch.start) * 1000 {
                return wall - before
            }
            last = wall
        }
        return nil
    }

    private func instants(of wall: Int) -> LocalInstants { table.instants(of: Int64(wall) * 1000) }

    /// Goes from stretch to stretch; an occurrence in one is final when no moved one comes before it.
    private func next(after instant: Int, in stretch: Stretch, earliest: Int?, wall: Int?) -> Int? {
        var stretch = stretch
        var earliest = earliest
        var wall = wall
        for _ in 0..<20_000 {
            let from = max(instant, stretch.start - 1) + stretch.offset
            if wall.map({ $0 <= from }) != false { wall = self.wall(after: from) }
            if let found = shown(in: stretch, &wall) { return min(found, earliest ?? found) }
            if let earliest, earliest < stretch.end { return earliest }
            guard let ahead = wall else { return earliest }
            let reach = max(stretch.end, ahead - Int(ZoneTable.maximumOffset / 1000))
            guard reach < Self.lastSecond else { return earliest }
            stretch = table.stretch(at: reach)
            if stretch.start > instant, let found = shifted(by: stretch, after: instant) {
                earliest = min(earliest ?? found, found)
            }
        }
        return earliest
    }

    /// The instant of the first wall time, from the given one on, that a stretch is the first to show.
    private func shown(in stretch: Stretch, _ wall: inout Int?) -> Int? {
        while let shown = wall, shown < stretch.end + stretch.offset {
            let instant = shown - stretch.offset
            if instant - stretch.start > Self.widest { return instant }
            let first = instants(of: shown).resolved.milliseconds
            if first == Int64(instant) * 1000 || instant >= Self.lastSecond { return instant }
            // Shown before, and so is all that the earlier stretch shows.
            let earlier = table.stretch(at: floorDivide(Int(first), by: 1000))
            wall = self.wall(after: max(shown, earlier.end + earlier.offset - 1))
        }
        return nil
    }
}

extension ZonedWalls {
    /// The first occurrence whose wall time is later than one, even where it is shown no later.
    func next(afterWall last: Int) -> Int? {
        var from = last
        var earliest: Int?
        for _ in 0..<1000 {
            guard let wall = wall(after: from) else { return earliest }
            let instants = instants(of: wall)
            let second = floorDivide(Int(instants.resolved.milliseconds), by: 1000)
            guard case .gap(_, _, let end) = instants else { return min(second, earliest ?? second) }
            let stretch = table.stretch(at: floorDivide(Int(end.milliseconds), by: 1000))
            let before = table.stretch(at: stretch.start - 1).offset
            if stretch.offset - before <= Self.longestShift { earliest = min(earliest ?? second, second) }
            from = max(wall, stretch.start + stretch.offset - 1)
        }
        return earliest
    }

    /// The wall times between two instants that lie in jumps of more than 3 h, in order and not more than so many.
    func dropped(from first: Int, to last: Int, most: Int) -> [Int] {
        var dropped: [Int] = []
        guard table.hasLongJumps else { return [] }
        var stretch = table.stretch(at: first)
        for _ in 0..<20_000 {
            guard stretch.end <= last else { break }
            let before = stretch.offset
            stretch = table.stretch(at: stretch.end)
            guard stretch.offset - before > Self.longestShift else { continue }
            var from = stretch.start + before - 1
            while dropped.count < most, let wall = wall(after: from), wall < stretch.start + stretch.offset {
                if instants(of: wall).isGap { dropped.append(wall) }
                from = wall
            }
        }
        return dropped
    }
}
