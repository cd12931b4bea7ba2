import Announce
import Recurrence

/// Carries a plan out: all of it, or nothing.
///
/// New announcements are staged in short transactions, in which a dispatcher beside it finds room, and become visible with one
/// small one, together with all changes and cancellations.
struct ApplyRun {
    /// So many announcements are staged before it is told how far it is.
    private static let portion = 50_000
    /// So many are removed again in one transaction, which takes ten times as long for each as to queue it.
    private static let removed = 500
    /// So many are queued in one transaction.
    private static let queued = 8_000

    private let composition: Composition
    private let store: any AnnouncementStore
    private let isQuiet: Bool

    init(_ composition: Composition, _ store: any AnnouncementStore, isQuiet: Bool) {
        self.composition = composition
        self.store = store
        self.isQuiet = isQuiet
    }

    func apply(_ plan: ApplyPlan) async throws {
        let clock = composition.clock
        let number = try await store.beginImport(
            by: "\(ProcessIdentity.current)",
            isGone: { ProcessIdentity.current.isGone($0) },
            at: clock.wall
        )
        do {
            try await stage(plan, in: number)
            try await complete(number, plan)
        } catch {
            // What fails here is left to the next one that applies something.
            while (try? await store.dropImport(number, limit: Self.removed)) == true {
                try? await composition.giveWay()
            }
            throw error
        }
        try await settle()
    }

    /// Queues what complete documents have brought, also one whose process was killed before it had.
    ///
    /// The leader does so, too, so that nothing is lost when this process ends now.
    func settle() async throws {
        while try await store.settleImports(limit: Self.queued) { try await composition.giveWay() }
    }

    private func stage(_ plan: ApplyPlan, in number: ImportID) async throws {
        // In this order they are queued: what is due first comes first, and the more urgent of those.
        let new = plan.creations.sorted { one, other in
            (one.first.notice.at, other.draft.priority) < (other.first.notice.at, one.draft.priority)
        }
        var progress = Progress("Storing", of: new.count, composition.clock, isQuiet: isQuiet)
        defer { progress.finish() }
        for start in stride(from: 0, to: new.count, by: Self.portion) {
            let end = min(start + Self.portion, new.count)
            try await store.stage(
                Array(new[start..<end]),
                in: number,
                by: composition.user,
                at: composition.clock.wall
            )
            progress.show(end)
            try await composition.giveWay()
        }
    }

    private func complete(_ number: ImportID, _ plan: ApplyPlan) async throws {
        _ = try await composition.waiting {
            let now = composition.clock.wall
            let editor = composition.editor(at: now)
            let edits = plan.edits.map { edit in
                ImportedChange(id: edit.state.id, revision: edit.state.revision) { (standing) throws(AnnounceError) in
                    var revision = try editor.edit(standing, to: edit.draft)
                    revision?.source = .written(edit.source)
                    revision?.fields = edit.changed.json
                    return revision
                }
            }
            let cancellations = plan.cancellations.map { state in
                ImportedChange(id: state.id, revision: state.revision) { (standing) throws(AnnounceError) in
                    try editor.cancel(standing, reason: "not in the document any more")
                }
            }
            return try await store.completeImport(
                number,
                changing: edits + cancellations,
                by: composition.user,
                at: now
            )
        }
    }
}
