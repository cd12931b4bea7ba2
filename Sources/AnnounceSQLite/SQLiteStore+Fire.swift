import Announce
import GRDB
import Recurrence

/// What people send outside of a schedule.
extension SQLiteStore {
    // Documented in AnnouncementStore.
    // swift-format-ignore: AllPublicDeclarationsHaveDocumentation
    public func recordFired(_ delivery: Delivery) async throws(AnnounceError) {
        try await write { database in
            // Two people can send it in one millisecond, and both did.
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO deliveries (announcement_id, nominal_at, phase, outcome, attempts, concluded_at, receivers,
                        error, anchor_at, addressed, acknowledged, fired_by)
                    SELECT :id, max(:nominal, coalesce(1 + (SELECT max(nominal_at) FROM deliveries
                            WHERE announcement_id = :id AND phase = :phase AND nominal_at >= :nominal), :nominal)),
                        :phase, :outcome, 1, :concluded, :receivers, :error, :anchor, :addressed, :acknowledged, :by
                    """
            )
            let occurrence = delivery.occurrence
            try statement.execute(arguments: [
                "id": occurrence.announcement,
                "nominal": occurrence.nominal.milliseconds,
                "phase": occurrence.phase.rawValue,
                "outcome": delivery.outcome.rawValue,
                "concluded": delivery.concluded.milliseconds,
                "receivers": delivery.receivers,
                "error": delivery.error,
                "anchor": delivery.anchor == occurrence.nominal ? nil : delivery.anchor.milliseconds,
                "addressed": delivery.acknowledgements?.addressed,
                "acknowledged": delivery.acknowledgements?.acknowledged,
                "by": delivery.firedBy,
            ])
            try DeliveryTable.tally([delivery.outcome: 1], at: delivery.concluded, in: database)
        }
    }
}
