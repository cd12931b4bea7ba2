import Announce
import Recurrence
import SocketIOEmitter

/// Whether an announcement would be heard, and if not, why: a value that follows from what was found out.
struct Diagnosis {
    /// What each check has found.
    let findings: [Finding]
    /// How many servers would take an announcement; nil where it cannot be known.
    let servers: Int?
    private let namespace: String

    init(_ facts: DoctorFacts) {
        namespace = facts.namespace
        var findings = facts.storeFindings + facts.zoneFindings
        switch facts.site {
        case .failure(let failure):
            findings.append(.problem(.redis, failure, because: "Redis cannot be used"))
            servers = nil
        case .success(let site):
            let count = facts.servers(site)
            findings += facts.clockFindings(site) + facts.redisFindings(site) + facts.permissionFindings(site)
            findings += facts.serverFindings(site, count)
            servers = count
        }
        self.findings = findings
    }

    /// Whether an announcement would be heard, at its time.
    var isHeard: Bool { problems.isEmpty }

    /// What keeps it from being heard, the likeliest cause first.
    private var problems: [Finding] {
        let order: [Finding.Check] = [.redis, .permissions, .redisServer, .servers, .database, .leader, .dispatcher]
        func place(_ finding: Finding) -> Int { order.firstIndex(of: finding.check) ?? order.count }
        return findings.filter { $0.status == .problem }.sorted { place($0) < place($1) }
    }

    /// 0 where it would be heard; 78 and 77 where a person has to mend settings or permissions, whatever else there is.
    var exitCode: Int32 {
        let codes = problems.map(\.exitCode)
        return [CommandFailure.configuration, CommandFailure.permission].first { codes.contains($0) } ?? codes.first
            ?? 0
    }

    /// The last line.
    var verdict: String {
        guard let problem = problems.first else {
            let who = servers.map { $0 == 1 ? "1 server" : "\($0) servers" } ?? "servers"
            return "An announcement to namespace \(namespace) would be heard by \(who)."
        }
        let others =
            problems.count == 1 ? "" : problems.count == 2 ? "; and 1 more" : "; and \(problems.count - 1) more"
        switch problem.check {
        case .clock, .zoneData:
            return "An announcement to namespace \(namespace) would not be heard at its time, because \(problem.reason)"
                + "\(others)."
        default:
            return "Nobody would hear an announcement to namespace \(namespace), because \(problem.reason)\(others)."
        }
    }
}

// MARK: The database, and who dispatches

extension DoctorFacts {
    fileprivate var storeFindings: [Finding] {
        let store: Store
        switch self.store {
        case .failure(let failure):
            return [.problem(.database, failure, because: "there is no database that can be used")]
        case .success(let found): store = found
        }
        let (pending, overdue) = (store.status.pending, store.status.overdue)
        let queued =
            pending == 0
            ? "nothing is queued" : "\(pending) queued" + (overdue > 0 ? ", \(overdue) of them overdue" : "")
        var findings: [Finding] = [.ok(.database, "\(store.path) has schema \(store.schema); \(queued).")]
        guard store.leads else {
            let remedy = "Start `announce run` with this database, and keep it running as config/announce.service does."
            findings.append(
                .problem(.leader, "Nobody dispatches, so nothing goes out.", remedy, because: "nobody dispatches")
            )
            return findings
        }
        findings.append(.ok(.leader, "\(store.status.lease.holder ?? "somebody") dispatches."))
        if let hold = store.status.hold {
            findings.append(
                .problem(
                    .dispatcher,
                    "The dispatcher is held \(hold.words(in: zone)).",
                    "`announce release` lets it go on.",
                    because: "the dispatcher is held"
                )
            )
        }
        for trouble in store.status.troubles {
            let since = "Since \(describe(trouble.since, in: zone)): "
            if trouble.name == .publishing {
                let failure = CommandFailure(since + trouble.message, exitCode: CommandFailure.unavailable)
                findings.append(.problem(.dispatcher, failure, because: "the dispatcher cannot publish"))
            } else {
                findings.append(.warning(.dispatcher, since + trouble.message))
            }
        }
        if !store.differingZones.isEmpty {
            let names = list(store.differingZones)
            findings.append(
                .warning(
                    .zonePlans,
                    "The dispatcher has planned \(names) by other rules than this machine's zone data have.",
                    "It plans anew within seconds where its own files change; else update the zone data of both machines."
                )
            )
        }
        return findings
    }
}

// MARK: Time

extension DoctorFacts {
    /// Zone data are called old after so many months: rules change several times a year somewhere.
    private static let oldAfter = 18

    fileprivate var zoneFindings: [Finding] {
        switch zoneData {
        case .failure(let failure):
            return [.problem(.zoneData, failure, because: "times cannot be read in the zone")]
        case .success(nil):
            return [.ok(.zoneData, "The zone data are there; of which version, they do not tell.")]
        case .success(let version?):
            guard let age = Self.ageInMonths(ofZoneData: version, now), age > Self.oldAfter else {
                return [.ok(.zoneData, "The zone data are of version \(version).")]
            }
            let message =
                "The zone data are of version \(version), which is some \(age) months old: wall times of zones that "
                + "have changed their rules since go out at the wrong moment."
            return [.warning(.zoneData, message, "Update the package tzdata; a running dispatcher notices it.")]
        }
    }

    /// How old a release of the zone data is at most.
    ///
    /// Releases are called after their year and a letter, `2026b`; there are up to six or so a year, so that `a` is
    /// taken for one of January, `b` for one of March, and so on.
    ///
    /// - Returns: nil for a name that is none of a release.
    static func ageInMonths(ofZoneData version: String, _ now: Timestamp) -> Int? {
        guard let match = version.prefixMatch(of: /(\d{4})([a-z])/), let year = Int(match.1),
            let letter = match.2.utf8.first
        else { return nil }
        let month = min(11, 2 * Int(letter - UInt8(ascii: "a")))
        let today = Zone.utc.civil(at: now).date
        return (today.year - year) * 12 + today.month - 1 - month
    }

    /// A difference of more milliseconds than these is a warning, a problem.
    private static let (noticeableSkew, badSkew): (Int64, Int64) = (1_000, 5_000)

    fileprivate func clockFindings(_ site: Site) -> [Finding] {
        guard let skew = site.skew else {
            return [
                .ok(
                    .clock,
                    "How this machine's clock differs from that of Redis is not known: its user may not ask (TIME)."
                )
            ]
        }
        let certain = max(0, abs(skew.milliseconds) - skew.uncertainty)
        let seconds = "\(abs(skew.milliseconds) / 1000).\(abs(skew.milliseconds) % 1000 / 100) s"
        guard certain > Self.noticeableSkew else {
            return [.ok(.clock, "This machine's clock and that of Redis differ by \(abs(skew.milliseconds)) ms.")]
        }
        let message =
            "This machine's clock is \(seconds) \(skew.milliseconds > 0 ? "behind" : "ahead of") that of Redis, "
            + "and announcements go out by this machine's."
        let remedy = "Synchronise both with NTP."
        if certain <= Self.badSkew { return [.warning(.clock, message, remedy)] }
        return [
            .problem(.clock, message, remedy, because: "the clocks of this machine and of Redis are \(seconds) apart")
        ]
    }
}

/// Some names, and how many more there are.
func list(_ names: [String], limit: Int = 4) -> String {
    let shown = names.prefix(limit)
    if names.count > limit { return shown.joined(separator: ", ") + " and \(names.count - limit) more" }
    guard let last = shown.last, shown.count > 1 else { return shown.first ?? "" }
    return shown.dropLast().joined(separator: ", ") + " and " + last
}
