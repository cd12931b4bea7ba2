/// How many clients were asked to acknowledge a message, and how many did in time.
public struct AcknowledgementCount: Hashable, Sendable {
    /// The clients that the servers sent it to, as far as the servers have said.
    public let addressed: Int
    /// Those of them that acknowledged it in time.
    public let acknowledged: Int

    /// Makes a count.
    public init(addressed: Int, acknowledged: Int) {
        self.addressed = addressed
        self.acknowledged = acknowledged
    }
}

/// Acknowledgements of one message that are still to come; equal only to itself.
public final class PendingAcknowledgements: Sendable, Hashable {
    /// Waits until all are there or their time is over.
    ///
    /// When its task is cancelled it returns what is known at that moment.
    public let count: @Sendable () async -> AcknowledgementCount

    /// Makes the acknowledgements of a function that waits for them.
    public init(count: @escaping @Sendable () async -> AcknowledgementCount) {
        self.count = count
    }

    /// Whether it is the same message's.
    public static func == (left: PendingAcknowledgements, right: PendingAcknowledgements) -> Bool { left === right }

    /// Hashes its identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Counts the acknowledgements of what went out, beside the dispatching, which does not wait for them.
struct AcknowledgementCounter<C: WallClock>: Sendable {
    typealias Item = (occurrence: Occurrence, pending: PendingAcknowledgements)

    private let dispatcher: Dispatcher<C>
    private let items: AsyncStream<Item>
    private let continuation: AsyncStream<Item>.Continuation

    init(_ dispatcher: Dispatcher<C>) {
        self.dispatcher = dispatcher
        (items, continuation) = AsyncStream.makeStream(of: Item.self)
    }

    /// Takes what was recorded as published.
    func add(_ settlement: Settlement) {
        guard let pending = settlement.acknowledgements else { return }
        continuation.yield((settlement.entry.occurrence, pending))
    }

    /// Nothing more is added.
    func finish() {
        continuation.finish()
    }

    /// Waits for all of them; when the task is cancelled, the counts up to then are recorded.
    func run() async {
        await withDiscardingTaskGroup { tasks in
            for await (occurrence, pending) in items {
                tasks.addTask { await record(await pending.count(), of: occurrence) }
            }
        }
    }

    private func record(_ count: AcknowledgementCount, of occurrence: Occurrence) async {
        do throws(AnnounceError) {
            try await shielded { () async throws(AnnounceError) in
                try await dispatcher.store.acknowledge(occurrence, count)
            }
            dispatcher.logger.debug(
                "acknowledged",
                metadata: [
                    "announcement.id": "\(occurrence.announcement)", "delivery.nominal": "\(occurrence.nominal)",
                    "delivery.addressed": "\(count.addressed)", "delivery.acknowledged": "\(count.acknowledged)",
                ]
            )
        } catch {
            dispatcher.logger.warning(
                "acknowledgements not recorded",
                metadata: ["announcement.id": "\(occurrence.announcement)", "error": "\(error)"]
            )
        }
    }
}
