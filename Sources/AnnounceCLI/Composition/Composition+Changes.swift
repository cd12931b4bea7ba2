import Announce
import Recurrence

/// What people change, when something of it is on its way at that moment.
extension Composition {
    /// For so long a change waits for the answer to what is on its way.
    private static let patience = Duration.seconds(10)
    private static let look = Duration.milliseconds(20)

    /// Changes announcements, all or none; waits while one of them is on its way, and tells what became of that.
    ///
    /// - Parameters:
    ///   - references: which.
    ///   - revision: the revision that they are expected to have; nil for any.
    ///   - store: where they are.
    ///   - change: what becomes of each; nil when there is nothing to do.
    /// - Returns: the announcements as they are now.
    /// - Throws: ``CommandFailure`` with exit code 75 when it is not known in time, and what the store and `change` throw.
    func change(
        _ references: [Reference],
        expecting revision: Int? = nil,
        in store: any AnnouncementStore,
        _ change: @escaping @Sendable (Editor, Standing) throws(AnnounceError) -> Revision?
    ) async throws -> [Announcement] {
        let (announcements, onTheirWay) = try await waiting {
            let now = clock.wall
            let editor = editor(at: now)
            return try await store.update(references, expecting: revision, by: user, at: now) {
                (standing) throws(AnnounceError) in try change(editor, standing)
            }
        }
        for occurrence in onTheirWay { try await tell(occurrence, in: store) }
        return announcements
    }

    /// Attempts a change until nothing that it changes is on its way.
    ///
    /// - Parameter attempt: the change, made anew each time.
    /// - Returns: the announcements as they are now, and what was on its way when it was attempted first.
    /// - Throws: ``CommandFailure`` with exit code 75 when it is not known in time, and what the attempt throws.
    func waiting(
        _ attempt: () async throws -> UpdateResult
    ) async throws -> (announcements: [Announcement], onTheirWay: [Occurrence]) {
        let deadline = clock.now.advanced(by: Self.patience)
        var onTheirWay: [Occurrence] = []
        while true {
            switch try await attempt() {
            case .changed(let announcements): return (announcements, onTheirWay)
            case .onItsWay(let occurrences): onTheirWay = occurrences
            }
            guard clock.now < deadline else {
                throw CommandFailure(
                    "A notice of announcement \(onTheirWay[0].announcement) is on its way, and whether it went out is not known "
                        + "yet, so nothing was changed. Try again; if no dispatcher runs, start `announce run`, which finds out.",
                    exitCode: CommandFailure.tryAgain
                )
            }
            try await clock.sleep(for: Self.look)
        }
    }

    /// Leaves the database alone for a moment between two transactions of many, so that a dispatcher that waits gets it.
    ///
    /// It looks every millisecond; who begins anew at once would keep it out for as long as there is something to write.
    func giveWay() async throws {
        try await clock.sleep(for: .milliseconds(2))
    }

    private func tell(_ occurrence: Occurrence, in store: any AnnouncementStore) async throws {
        let announcement = try await store.announcement(.id(occurrence.announcement))
        let notice = "The notice of \(describe(occurrence.nominal, in: zone(of: announcement)))"
        for case .delivery(let delivery, _, _) in try await store.history(
            matching: HistoryFilter(of: .id(announcement.id), limit: 20)
        )
        where delivery.occurrence == occurrence {
            let receivers = delivery.receivers.map { " to \($0) \($0 == 1 ? "server" : "servers")" } ?? ""
            let what = delivery.outcome == .published ? "was \(delivery.outcome)\(receivers)" : "is \(delivery.outcome)"
            return Terminal.note("\(notice) was on its way already: it \(what).")
        }
        Terminal.note("\(notice) was on its way already, and did not go out.")
    }
}
