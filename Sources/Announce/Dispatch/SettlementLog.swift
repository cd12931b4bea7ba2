import Logging

extension Conclusion {
    /// Says what became of the occurrences.
    func log(to logger: Logger) {
        let isVerbose = logger.logLevel <= .debug
        if isVerbose {
            for publication in publications { for settlement in publication.settlements { settlement.log(to: logger) } }
        }
        for settlement in settlements where isVerbose || !settlement.isPlain { settlement.log(to: logger) }
    }
}

extension Settlement {
    /// Whether it says nothing but that something was published.
    fileprivate var isPlain: Bool { queued.isEmpty && deliveries.allSatisfy { $0.outcome == .published } }

    /// Says what became of the occurrence.
    fileprivate func log(to logger: Logger) {
        for delivery in deliveries {
            logger.log(
                level: delivery.outcome == .published ? .debug : .warning,
                "delivery",
                metadata: [
                    "announcement.id": "\(delivery.occurrence.announcement)",
                    "delivery.nominal": "\(delivery.occurrence.nominal)",
                    "delivery.phase": "\(delivery.occurrence.phase)",
                    "delivery.outcome": "\(delivery.outcome)",
                    "delivery.attempts": "\(delivery.attempts)",
                    "delivery.lateness_ms": "\(delivery.lateness)",
                    "delivery.receivers": "\(delivery.receivers.map(String.init) ?? "unknown")",
                    "delivery.error": "\(delivery.error ?? "none")",
                ]
            )
        }
        for retry in queued where retry.occurrence == entry.occurrence {
            // The first is worth a line to everybody, the others are more of the same.
            logger.log(
                level: retry.attempts == 1 ? .info : .debug,
                "to be tried again",
                metadata: [
                    "announcement.id": "\(retry.occurrence.announcement)",
                    "delivery.nominal": "\(retry.occurrence.nominal)",
                    "delivery.phase": "\(retry.occurrence.phase)",
                    "delivery.attempts": "\(retry.attempts)",
                    "delivery.due": "\(retry.due)",
                    "delivery.error": "\(retry.error ?? "nobody was listening")",
                ]
            )
        }
    }
}
