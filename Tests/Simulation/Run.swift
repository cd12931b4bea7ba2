import Announce
import AnnounceTestKit
import Payload
import Recurrence

/// A run of the world: what happens when, by chance, and what must be so at the end.
public struct Run {
    /// What was not as it must be; empty when all was well.
    public let violations: [String]
    /// How many occurrences ended, in each way.
    public let outcomes: [Outcome: Int]
    /// How often a process was killed.
    public let kills: Int
    /// How many calls failed or lost their answer.
    public let faults: Int

    /// Does the run of a seed.
    ///
    /// - Throws: what the store throws.
    public init(seed: UInt64) throws {
        let world = try World(seed: seed)
        var driver = Driver(world)
        driver.drive()
        driver.calm()
        (violations, outcomes) = driver.check()
        (kills, faults) = (driver.kills, driver.faults)
    }
}

/// Moves a world.
struct Driver {
    let world: World
    private(set) var kills = 0
    private(set) var faults = 0
    // How likely what is, in percent of the steps; drawn for each run, so that runs differ in kind.
    private let storeFailure: Int
    private let unreachable: Int
    private let lost: Int
    private let unread: Int
    private let killing: Int
    private let powerLoss: Int
    private let suspending: Int
    private let stepping: Int
    private let people: Int
    private let steps: Int

    init(_ world: World) {
        self.world = world
        func level(_ choices: Int...) -> Int { choices[world.pick(0...choices.count - 1)] }
        storeFailure = level(0, 0, 3, 15)
        unreachable = level(0, 0, 5, 30)
        lost = level(0, 5, 20)
        unread = level(0, 5, 20)
        killing = level(0, 1, 3)
        powerLoss = level(0, 0, 1, 3)
        suspending = level(0, 0, 2)
        stepping = level(0, 0, 1)
        people = level(1, 3, 8)
        steps = world.pick(100...600)
        world.redis.refusal = level(0, 0, 10)
    }

    // MARK: Anything can happen

    mutating func drive() {
        for _ in 0..<world.pick(1...6) { add() }
        for _ in 0..<world.pick(1...2) { world.start() }
        world.settle()
        for _ in 0..<steps {
            step()
            world.settle()
        }
    }

    private mutating func step() {
        if world.chance(people) { return person() }
        if world.chance(killing), let process = world.processes.randomElement(using: &world.random) {
            kills += 1
            return world.kill(process)
        }
        if world.chance(powerLoss) {
            kills += world.processes.count
            return world.losePower()
        }
        if world.processes.isEmpty || world.chance(1) && world.processes.count < 3 { return world.start() }
        if world.chance(suspending), let process = world.processes.randomElement(using: &world.random) {
            process.isSuspended.toggle()
            return
        }
        if world.chance(stepping) {
            let minutes = Int64(world.pick(-90...90))
            return world.clock.step(wall: world.clock.wall + minutes * 60_000)
        }
        if world.chance(2) { world.redis.servers = world.pick(0...2) }
        if !world.redis.late.isEmpty, world.chance(20) {
            let call = world.redis.late.remove(at: world.pick(0...world.redis.late.count - 1))
            _ = world.redis.carryOut(call) { world.pick(0...99) }
            return world.checkHeard()
        }
        let ready = world.waiting.indices.filter { !world.waiting[$0].process.isSuspended }
        guard let index = ready.randomElement(using: &world.random), !world.chance(2) else { return passTime() }
        let entry = world.waiting.remove(at: index)
        let verdict = verdict(at: entry.place)
        if verdict != .go { faults += 1 }
        entry.continuation.resume(returning: verdict)
    }

    private func verdict(at place: World.Place) -> World.Verdict {
        switch place {
        case .lease, .claim, .open, .record: world.chance(storeFailure) ? .fails : .go
        case .stored: world.chance(storeFailure / 3) ? .fails : .go
        case .write: world.chance(unreachable) ? .fails : .go
        case .carryOut: world.chance(lost) ? .lost : .go
        case .reply: world.chance(unread) ? .lost : .go
        }
    }

    /// Lets the time pass up to where somebody wakes, or further.
    private func passTime() {
        let least = world.chance(4) ? Duration.seconds(world.pick(1...3_600)) : .zero
        let nap = world.clock.nextWake.map { world.clock.now.duration(to: $0) } ?? .seconds(1)
        world.clock.advance(by: max(least, nap, .milliseconds(1)))
    }

    // MARK: People

    private func person() {
        if world.chance(4) || world.isHeld && world.chance(30) { return world.isHeld ? release() : hold() }
        guard let id = world.known.keys.sorted().randomElement(using: &world.random), !world.chance(35) else {
            return add()
        }
        let now = world.clock.wall
        let editor = Editor(now: now) { NoticePlan($0, in: .utc, zones: ZoneLoader(folders: [])) }
        let (choice, number) = (world.pick(0...7), Int64(world.pick(1...40)))
        let (world, version) = (world, (world.known[id]?.version ?? 0) + 1)
        var retime: Plan?
        if choice == 5 {
            var (every, anchor) = (
                (number + 4) * 60_000, Timestamp(milliseconds: now.milliseconds / 60_000 * 60_000) + number * 60_000
            )
            // Half of the time every second of its occurrences, or one between each two, as people do.
            if let known = world.known[id], let old = known.every, world.chance(50) {
                (every, anchor) = (world.chance(50) ? old * 2 : old / 2, known.first)
            }
            retime = try? Plan(rules: [.interval(Interval(every: every, anchor: anchor))], timezone: "UTC")
        }
        let plan = retime
        _ = world.spawn {
            let result = try? await world.reaching { () async throws(AnnounceError) -> UpdateResult in
                try await world.store.update([.id(id)], expecting: nil, by: "eva", at: now) {
                    (standing) throws(AnnounceError) in
                    switch choice {
                    case 0: return try editor.cancel(standing, reason: nil)
                    case 1: return try editor.pause(standing, reason: nil)
                    case 2: return try editor.resume(standing, reason: nil)
                    case 3 where standing.announcement.state == .paused:
                        return try editor.resume(standing, at: now + number * 60_000)
                    case 3: return try editor.pause(standing, reason: nil)
                    default:
                        var draft = standing.announcement.draft
                        draft.data = Driver.data(version)
                        if let plan { (draft.plan.rules, draft.plan.count) = (plan.rules, nil) }
                        return try editor.edit(standing, to: draft)
                    }
                }
            }
            guard case .changed? = result else { return }
            world.sync()
            switch choice {
            case 0: world.known[id]?.isOver = true
            case 1, 2, 3: break
            default: world.known[id]?.version = version
            }
            if plan != nil || choice == 2 || choice == 3 { world.known[id]?.hasOldPlan = true }
            for process in world.processes { process.ring.yield() }
        }
    }

    private func hold() {
        let world = world
        _ = world.spawn {
            let held = try? await world.reaching { () async throws(AnnounceError) in
                try await world.store.hold(by: "eva", reason: nil, at: world.clock.wall)
            }
            if held == nil { return }
            world.sync()
            world.isHeld = true
        }
    }

    private func release() {
        let world = world
        world.isHeld = false
        _ = world.spawn {
            _ = try? await world.reaching { () async throws(AnnounceError) in try await world.store.release() }
            world.sync()
            for process in world.processes { process.ring.yield() }
        }
    }

    private func add() {
        let now = world.clock.wall
        let minute = Timestamp(milliseconds: now.milliseconds / 1_000 * 1_000)
        let at = minute + Int64(world.pick(-30...600)) * 1_000
        let every = world.chance(60) ? Int64(world.pick(1...90)) * 30_000 : nil
        let rule: Rule? = every.map { try? .interval(Interval(every: $0, anchor: at)) } ?? .instant(at)
        guard let rule else { return }
        var draft = AnnouncementDraft.sample(rules: [rule], priority: world.pick(1...5))
        draft.data = Self.data(1)
        if every != nil, world.chance(30) { draft.plan.count = world.pick(1...5) }
        draft.policy.misfire = [.latest, .latest, .skip, .all(limit: nil), .all(limit: 2)][world.pick(0...4)]
        if world.chance(30) { draft.policy.grace = Int64(world.pick(0...7_200)) * 1_000 }
        let notices = NoticePlan(draft.plan, in: .utc, zones: ZoneLoader(folders: []))
        guard let first = notices.first(from: at) else { return }
        let world = world
        let stored = draft
        _ = world.spawn {
            let added = try? await world.reaching { () async throws(AnnounceError) -> Announcement in
                try await world.store.add(stored, first: first, by: "eva", at: now)
            }
            if let added {
                world.sync()
                world.known[added.id] = World.Known(first: at, every: every)
            }
            for process in world.processes { process.ring.yield() }
        }
    }

    static func data(_ version: Int) -> EventData {
        EventData(event: "announcement", arguments: [.string("{{id}}|{{phase}}|{{startsAt}}|\(version)")])
    }

    // MARK: The end

    /// So many calls without any time passing are more than work.
    private static let mostPasses = 50_000

    /// Ends all faults and lets a dispatcher finish what there is.
    mutating func calm() {
        for process in world.processes {
            process.isSuspended = false
            process.ring.yield()
        }
        release()
        world.settle()
        world.redis.servers = 2
        world.redis.refusal = 0
        for call in world.redis.late where world.chance(70) {
            _ = world.redis.carryOut(call) { 99 }
            world.checkHeard()
        }
        world.redis.late = []
        for process in world.processes.dropFirst() { world.kill(process) }
        world.settle()
        let end = world.clock.now.advanced(by: .seconds(900))
        var passes = 0
        while world.clock.now < end {
            if world.processes.isEmpty { world.start() }
            if world.waiting.isEmpty {
                passCalmly()
                passes = 0
            } else {
                world.waiting.removeFirst().continuation.resume(returning: .go)
                passes += 1
            }
            if passes > Self.mostPasses { return world.violate("a dispatcher is busy and does not wait for anything") }
            world.settle()
        }
        for process in world.processes { process.task?.cancel() }
        world.settle()
        // What was made ready a moment before it is due goes out at its time.
        let last = world.clock.now.advanced(by: .milliseconds(DispatcherSettings().lookahead))
        while !world.waiting.isEmpty || world.clock.nextWake.map({ $0 <= last }) ?? false {
            if world.waiting.isEmpty {
                passCalmly()
            } else {
                world.waiting.removeFirst().continuation.resume(returning: .go)
            }
            world.settle()
        }
    }

    private func passCalmly() {
        let nap = world.clock.nextWake.map { world.clock.now.duration(to: $0) } ?? .seconds(1)
        world.clock.advance(by: max(nap, .milliseconds(1)))
    }
}
