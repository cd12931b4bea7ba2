import Announce
import Payload
import Recurrence

/// What a document would change.
struct ApplyPlan: Sendable {
    /// A live announcement that the document wants otherwise.
    struct Edit {
        let name: String
        let state: NamedState
        let draft: AnnouncementDraft
        let source: String
        let changed: ChangedFields
    }

    /// New announcements.
    var creations: [SourcedAnnouncement] = []
    /// What was understood of the first of them, in words.
    var words: [String] = []
    var edits: [Edit] = []
    var cancellations: [NamedState] = []
    /// How many stay as they are.
    var unchanged = 0

    var isEmpty: Bool { creations.isEmpty && edits.isEmpty && cancellations.isEmpty }

    /// Adds what another one would change after it.
    mutating func append(_ other: ApplyPlan) {
        creations += other.creations
        words += other.words.prefix(ApplyReport.most - words.count)
        edits += other.edits
        cancellations += other.cancellations
        unchanged += other.unchanged
    }
}

/// Compares documents with what is there.
struct ApplyPlanner: Sendable {
    let composition: Composition
    let store: any AnnouncementStore
    let now: Timestamp
    /// The zone of times that name none.
    let zone: Zone
    /// Whom announcements of calendars and crontabs are for.
    let target: DocumentValue?

    /// So many problems are told at once.
    private static let mostProblems = 20
    /// So many entries are compared by one task.
    private static let portion = 1_000

    /// The plan of some files.
    ///
    /// - Parameters:
    ///   - files: what was read.
    ///   - isPruning: whether live announcements that no file names are cancelled.
    /// - Returns: what is to be done.
    /// - Throws: ``CommandFailure`` with every problem, each with file, line and column.
    func plan(_ files: [ApplyFile], isPruning: Bool) async throws -> ApplyPlan {
        var plan = ApplyPlan()
        var problems: [String] = []
        var exitCode = CommandFailure.dataError
        var seen = Set<String>(minimumCapacity: files.reduce(0) { $0 + $1.entries.count })
        for file in files where problems.count < Self.mostProblems {
            let repeated = file.entries.indices.filter { !seen.insert(file.entries[$0].name).inserted }
            let (part, found) = try await compare(file, repeated: Set(repeated))
            plan.append(part)
            let told = found.prefix(Self.mostProblems - problems.count)
            if let other = told.first(where: { $0.exitCode != CommandFailure.dataError }) { exitCode = other.exitCode }
            problems += file.lines(for: Array(told))
        }
        if let last = problems.last {
            for problem in problems.dropLast() { Terminal.error(problem) }
            throw CommandFailure(last, exitCode: exitCode)
        }
        if isPruning {
            plan.cancellations = try await store.named(nil).filter { !seen.contains($0.name) }.sorted { $0.id < $1.id }
        }
        return plan
    }

    /// Compares a file's entries with what is there, on all processors.
    ///
    /// - Parameters:
    ///   - file: the file.
    ///   - repeated: the places of entries whose names were there before.
    /// - Returns: what they would change, and what is wrong with them, both in their order.
    /// - Throws: why the store cannot be read.
    private func compare(_ file: ApplyFile, repeated: Set<Int>) async throws -> (ApplyPlan, [EntryProblem]) {
        let entries = file.entries
        let context = Context(
            folder: file.folder,
            timezone: file.timezone,
            target: file.isForeign ? target : nil,
            repeated: repeated
        )
        let starts = Array(stride(from: 0, to: entries.count, by: Self.portion))
        return try await withThrowingTaskGroup(of: (Int, ApplyPlan, [EntryProblem]).self) { group in
            for (index, start) in starts.enumerated() {
                let part = entries[start..<min(start + Self.portion, entries.count)]
                group.addTask {
                    let (plan, problems) = try await compare(part, in: context)
                    return (index, plan, problems)
                }
            }
            var parts: [(Int, ApplyPlan, [EntryProblem])] = []
            for try await part in group { parts.append(part) }
            var whole = ApplyPlan()
            var problems: [EntryProblem] = []
            for (_, plan, found) in parts.sorted(by: { $0.0 < $1.0 }) {
                whole.append(plan)
                problems += found
            }
            return (whole, problems)
        }
    }

    /// What the entries of a file have in common.
    private struct Context: Sendable {
        let folder: String
        let timezone: String?
        /// Whom they are for that do not say it.
        let target: DocumentValue?
        let repeated: Set<Int>
    }

    private func compare(
        _ entries: ArraySlice<ApplyFile.Entry>,
        in context: Context
    ) async throws -> (ApplyPlan, [EntryProblem]) {
        let states = Dictionary(
            try await store.named(entries.map(\.name)).map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        var plan = ApplyPlan()
        plan.creations.reserveCapacity(entries.count)
        var problems: [EntryProblem] = []
        for (place, entry) in zip(entries.indices, entries) where problems.count < Self.mostProblems {
            do {
                if context.repeated.contains(place) {
                    throw EntryProblem(entry.path, "There are two announcements named \(entry.name). Rename one.")
                }
                try await add(entry, in: context, states[entry.name], to: &plan)
            } catch let problem as EntryProblem {
                problems.append(problem)
            }
        }
        return (plan, problems)
    }

    private func add(
        _ entry: ApplyFile.Entry,
        in context: Context,
        _ state: NamedState?,
        to plan: inout ApplyPlan
    ) async throws {
        let reader = try EntryReader(entry.value.merged(with: context.target), at: entry.path)
        do {
            let zone = try (reader.timezone ?? context.timezone).map { try composition.zone(named: $0) } ?? zone
            var request = try reader.request(in: context.folder)
            request.name = entry.name
            let object = try reader.source(zone: zone.identifier, calendars: request.times.calendars)
            let source = try PayloadValue.object(object).jsonText()
            if let state, state.source == source, state.state != .cancelled {
                plan.unchanged += 1
                return
            }
            let draft = try request.draft(now: now, in: zone, zones: composition.zones)
            if let state, state.isLive {
                let edit = try await edit(state, draft, object, source)
                if let edit { plan.edits.append(edit) } else { plan.unchanged += 1 }
            } else if let first = try first(of: draft, in: zone) {
                if plan.words.count < ApplyReport.most {
                    plan.words.append("\(Echo(draft, first, composition.notices(of: draft.plan, in: zone), now))")
                }
                plan.creations.append(SourcedAnnouncement(draft: draft, first: first, source: source))
            } else {
                plan.unchanged += 1
            }
        } catch let problem as EntryProblem {
            throw problem
        } catch {
            throw EntryProblem(entry.path, "\(entry.name): \(Self.words(of: error))")
        }
    }

    /// What it says first; nil when all that it would say is over.
    private func first(of draft: AnnouncementDraft, in zone: Zone) throws -> PlannedNotice? {
        let notices = composition.notices(of: draft.plan, in: zone)
        guard let first = try draft.firstNotice(from: now, by: notices) else { return nil }
        if case .at(let bound)? = draft.policy.expiry {
            if bound.instant(in: zone, isEnd: true) < now { return nil }
            let preview = Preview(draft, notices, id: 0, revision: 1, now: now)
            try draft.refuseExpired(before: preview.moment(of: first), in: zone)
        }
        return first
    }

    /// Nil when it is so already.
    private func edit(
        _ state: NamedState,
        _ wanted: AnnouncementDraft,
        _ object: PayloadObject,
        _ source: String
    ) async throws -> ApplyPlan.Edit? {
        let standing = try await store.standing(of: .id(state.id))
        let announcement = standing.announcement
        let zone = composition.zone(of: announcement)
        let old: PayloadObject
        if let text = state.source, case .object(let object) = try PayloadValue(json: text) {
            old = object
        } else {
            let document = try announcement.draft.document(in: zone)
            let reader = try EntryReader(DocumentValue(.object(document)), at: [])
            let calendars = try reader.request(in: "").times.calendars
            old = try reader.source(zone: announcement.draft.plan.timezone, calendars: calendars)
        }
        var draft = wanted
        // What counts from now counts from when it was said first, as long as that is not changed.
        if Self.same(EntryReader.scheduleKeys, old, object) { draft.plan = announcement.draft.plan }
        if Self.same(EntryReader.policyKeys, old, object) { draft.policy = announcement.draft.policy }
        draft.plan.ends = announcement.draft.plan.ends
        try draft.keepData(of: announcement.draft)
        if draft == announcement.draft { return nil }
        let editor = composition.editor(at: now)
        guard try editor.edit(standing, to: draft) != nil else { return nil }
        return ApplyPlan.Edit(
            name: state.name,
            state: NamedState(
                id: state.id,
                name: state.name,
                state: state.state,
                revision: announcement.revision,
                source: state.source
            ),
            draft: draft,
            source: source,
            // What a command has made says in other words what a document may mean.
            changed: try state.source == nil || old[NamedState.drifted] != nil
                ? ChangedFields(from: announcement.draft, zone, to: draft, zone) : ChangedFields(from: old, to: object)
        )
    }

    private static func same(_ keys: Set<String>, _ one: PayloadObject, _ other: PayloadObject) -> Bool {
        keys.allSatisfy { one[$0] == other[$0] }
    }

    /// An error of a command, in the words of a document: `at` and not `--at`.
    private static func words(of error: any Error) -> String {
        let text = (error as? CommandFailure)?.message ?? "\(error)"
        return text.replacing(/--([a-z][a-z-]*)/) { "\($0.1)" }
    }
}

extension DocumentValue {
    /// The map with the pairs of another one that it does not have itself.
    fileprivate func merged(with other: DocumentValue?) -> DocumentValue {
        guard case .map(let pairs) = self, case .map(let others)? = other else { return self }
        return .map(pairs + others.filter { pair in !pairs.contains { $0.key == pair.key } })
    }
}
