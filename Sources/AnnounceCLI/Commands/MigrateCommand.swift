import ArgumentParser

/// `announce migrate`: brings the database to this version's schema.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Makes the database, or brings it to the newest schema.",
        usage: "announce migrate [<options>]",
        discussion: """
            Every other command that needs the database does this by itself; this one is for those who want to do it at a time \
            of their own. A database of a newer version is refused and left as it is.

            Examples:
              announce migrate
              announce migrate --database /var/lib/announce/announce.sqlite
            """
    )

    @OptionGroup(title: "Settings") var common: CommonOptions

    func run() async throws {
        try await reportingFailures {
            let composition = try await Composition(common)
            let store = try composition.store()
            try await store.refuseDamage()
            Terminal.data("\(composition.settings.database) has schema \(try await store.schemaVersion()).")
        }
    }
}
