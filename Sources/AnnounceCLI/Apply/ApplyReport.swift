import Announce
import Payload

/// A plan in words and as JSON.
struct ApplyReport {
    /// So many of each kind are told one by one.
    static let most = 20

    private let plan: ApplyPlan

    init(_ plan: ApplyPlan) {
        self.plan = plan
    }

    /// The plan, line by line: `+` is created, `~` changed, `-` cancelled.
    func print(isQuiet: Bool) {
        if isQuiet { return }
        for (new, words) in zip(plan.creations, plan.words) {
            Terminal.data("+ \(Table.oneLine("\(new.draft.name ?? ""): \(words)"))")
        }
        more(plan.creations.count, "+")
        for edit in plan.edits.prefix(Self.most) {
            Terminal.data("~ \(Table.oneLine(edit.name))")
            for field in edit.changed.fields { Terminal.data("    \(field.words)") }
        }
        more(plan.edits.count, "~")
        for state in plan.cancellations.prefix(Self.most) { Terminal.data("- \(Table.oneLine(state.name))") }
        more(plan.cancellations.count, "-")
    }

    private func more(_ count: Int, _ sign: String) {
        if count > Self.most { Terminal.data("\(sign) … and \(count - Self.most) more") }
    }

    /// What it comes to.
    func printEnd(isDryRun: Bool) {
        if plan.isEmpty { return Terminal.data("Nothing to do: \(count(plan.unchanged, "announcement")) as they are.") }
        let words = isDryRun ? ("to create", "to change", "to cancel") : ("created", "changed", "cancelled")
        let parts = [
            (plan.creations.count, words.0), (plan.edits.count, words.1), (plan.cancellations.count, words.2),
            (plan.unchanged, "unchanged"),
        ]
        Terminal.data(parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ") + ".")
        if isDryRun { Terminal.note("Nothing was changed.") }
    }

    /// The plan as JSON.
    var json: PayloadValue {
        [
            "created": .array(plan.creations.map { .string($0.draft.name ?? "") }),
            "changed": .array(
                plan.edits.map { edit in
                    [
                        "name": .string(edit.name),
                        "fields": .array(
                            edit.changed.fields.map { field in
                                ["key": .string(field.key), "from": field.old ?? .null, "to": field.new ?? .null]
                            }
                        ),
                    ]
                }
            ),
            "cancelled": .array(plan.cancellations.map { .string($0.name) }),
            "unchanged": .integer(Int64(plan.unchanged)),
        ]
    }
}
