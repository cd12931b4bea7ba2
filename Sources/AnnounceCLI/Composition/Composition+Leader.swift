import Announce
import Recurrence

extension Composition {
    /// A leader moves its lease every second; one that has not for so long is given a chance to.
    private static let fresh: Int64 = 3_000
    private static let secondLook = Duration.milliseconds(2_500)

    /// Whether somebody leads: the lease was moved just now, or moves while we look.
    ///
    /// - Parameters:
    ///   - lease: the lease as it was read.
    ///   - store: where it is.
    /// - Returns: after 2.5 s where the lease was not moved just now.
    /// - Throws: what reading the lease throws.
    func isAlive(_ lease: Lease, in store: any AnnouncementStore) async throws -> Bool {
        guard let holder = lease.holder, !ProcessIdentity.current.isGone(holder) else { return false }
        if (0...Self.fresh).contains(clock.wall - lease.renewed) { return true }
        try await clock.sleep(for: Self.secondLook)
        let now = try await store.lease()
        return now.holder != nil && (now.term, now.counter) != (lease.term, lease.counter)
    }
}
