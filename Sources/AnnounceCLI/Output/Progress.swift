import Glibc

/// A bar of how far something is, with its rate and the time that is left; only on a terminal, and only where it takes long.
struct Progress {
    private static let width = 24
    /// What is done sooner needs no bar, in milliseconds.
    private static let patience: Int64 = 500
    private static let interval: Int64 = 100

    private let title: String
    private let total: Int
    private let clock: SystemClock
    private let start: SystemClock.Instant
    private var shown: SystemClock.Instant?
    private let isVisible: Bool

    init(_ title: String, of total: Int, _ clock: SystemClock, isQuiet: Bool) {
        self.title = title
        self.total = total
        self.clock = clock
        start = clock.now
        isVisible = isatty(STDERR_FILENO) == 1 && !isQuiet
    }

    /// So many are done.
    mutating func show(_ done: Int) {
        let now = clock.now
        let elapsed = start.duration(to: now).milliseconds
        guard isVisible, elapsed > Self.patience,
            shown.map({ $0.duration(to: now).milliseconds >= Self.interval }) ?? true
        else { return }
        shown = now
        let rate = Double(done) / Double(elapsed) * 1000
        let left = rate > 0 ? Int((Double(total - done) / rate).rounded(.up)) : 0
        let filled = total > 0 ? done * Self.width / total : Self.width
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: Self.width - filled)
        Terminal.progress("\(title) \(bar) \(done) of \(total), \(Int(rate))/s, \(left) s left")
    }

    /// Takes the bar away.
    func finish() {
        if shown != nil { Terminal.progress("") }
    }
}
