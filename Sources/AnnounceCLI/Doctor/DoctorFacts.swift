import Announce
import Recurrence
import SocketIOEmitter

/// What `doctor` has found out, before anything is concluded from it.
struct DoctorFacts {
    /// The database and who dispatches.
    struct Store {
        let path: String
        let schema: Int
        let status: StoreStatus
        /// Whether somebody dispatches.
        let leads: Bool
        /// The zones whose queue was planned by other rules than those of this machine's files.
        let differingZones: [String]
    }

    /// How far Redis' clock is before this machine's.
    struct Skew {
        let milliseconds: Int64
        /// By how much that can be wrong: half of the time that the question took.
        let uncertainty: Int64
    }

    /// What was found on Redis.
    struct Site {
        let reports: [RedisServerReport]
        let skew: Skew?
        let latency: Duration
        let permissions: Result<[PermissionTrial], CommandFailure>
        let survey: Result<ServerSurvey, CommandFailure>
    }

    /// What was asked for.
    let wire: Wire
    let namespace: String
    let publishOnce: OnceEmitter.Policy
    /// Where Redis is, without its passwords, and whether as a cluster.
    let place: String
    let isCluster: Bool
    /// Redis' user.
    let user: String

    /// When it was looked.
    let now: Timestamp
    /// The zone in which instants are told.
    let zone: Zone
    /// The version of the zone data, where they tell it; or why they are of no use.
    let zoneData: Result<String?, CommandFailure>
    let store: Result<Store, CommandFailure>
    let site: Result<Site, CommandFailure>
}
