import Announce
import ArgumentParser
import Payload
import Recurrence
import Yams

/// `announce export`: prints the schedule as a file.
struct ExportCommand: AsyncParsableCommand {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case yaml, json, ics
    }

    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Prints live announcements as a file that apply takes, or as a calendar.",
        usage: "announce export [<options>]",
        discussion: """
            Times stand there as instants and days, so that the file means the same wherever and whenever it is applied. Announcements \
            without a name are left out of what apply takes, as it could not tell them again; give them one with edit --name.

            Examples:
              announce export > schedule.yaml
              announce export --format json | jq .announcements
              announce export --format ics > announcements.ics
            """
    )

    @Option(parsing: .unconditional, help: "What to print: yaml (default), json or ics.")
    var format = Format.yaml

    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common)
            let store = try composition.storeToRead()
            let live = try await store.announcements(matching: AnnouncementFilter(state: .scheduled))
            let paused = try await store.announcements(matching: AnnouncementFilter(state: .paused))
            let all = (live + paused).sorted { $0.id < $1.id }
            if format == .ics { return Terminal.data(try CalendarExport(all, composition).text) }
            var pairs: [(String, PayloadValue)] = []
            for announcement in all {
                guard let name = announcement.draft.name else { continue }
                let document = try announcement.draft.document(in: composition.zone(of: announcement))
                pairs.append((name, .object(document)))
            }
            let nameless = all.count - pairs.count
            if nameless > 0 {
                Terminal.note(
                    "\(count(nameless, "announcement")) without a name left out; give names with `announce edit ID --name`."
                )
            }
            let document: PayloadValue = ["announcements": .object(PayloadObject(pairs))]
            switch format {
            case .json: Terminal.data(try document.jsonText())
            case .yaml, .ics: Terminal.data(String(try Self.yaml(document).dropLast()))
            }
        }
    }
}

extension ExportCommand {
    /// A value as YAML.
    static func yaml(_ value: PayloadValue) throws -> String { try serialize(node: Node(value)) }
}

extension Node {
    /// A value as YAML; what could be taken for something else than a text stands in quotation marks.
    fileprivate init(_ value: PayloadValue) {
        switch value {
        case .object(let object):
            self = .mapping(Mapping(object.map { (Node($0.key, Tag(.str)), Node($0.value)) }))
        case .array(let values):
            let isShort = values.allSatisfy { if case .string(let text) = $0 { text.count < 30 } else { false } }
            self = .sequence(Sequence(values.map { Node($0) }, .implicit, isShort ? .flow : .block))
        case .string(let text):
            let isPlain =
                text.contains(/^[A-Za-z][A-Za-z0-9 _.\/-]*$/)
                && PayloadValue.string(text) == DocumentValue.plain(text).payload
                && !["yes", "no", "on", "off", "y", "n"].contains(text.lowercased())
            self = .scalar(Scalar(text, Tag(.str), isPlain ? .plain : text.contains("\n") ? .literal : .doubleQuoted))
        default:
            self = .scalar(Scalar(value.line, .implicit, .plain))
        }
    }
}
