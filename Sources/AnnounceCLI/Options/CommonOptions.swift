import ArgumentParser

/// The options of every command.
struct CommonOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Read settings from this YAML file (ANNOUNCE_CONFIG).", valueName: "file")
    )
    var config: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The SQLite file of announcements (ANNOUNCE_DATABASE).", valueName: "file")
    )
    var database: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            The Redis of the Socket.IO servers: redis://user:password@host:port/db, rediss:// for TLS, unix:///path, \
            redis+sentinel://h1,h2/master, redis+cluster://h1,h2 (ANNOUNCE_REDIS_URL).
            """,
            valueName: "url"
        )
    )
    var redis: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Trust the authorities in this PEM file (ANNOUNCE_REDIS_TLS_CA).", valueName: "file")
    )
    var tlsCa: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Show Redis the certificate in this PEM file (ANNOUNCE_REDIS_TLS_CERT).", valueName: "file")
    )
    var tlsCert: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The key of that certificate (ANNOUNCE_REDIS_TLS_KEY).", valueName: "file")
    )
    var tlsKey: String?

    @Flag(help: "Encrypt without verifying the server; for tests (ANNOUNCE_REDIS_TLS_INSECURE=true).")
    var tlsInsecure = false

    @Option(
        name: [.customLong("timezone"), .customLong("tz")],
        parsing: .unconditional,
        help: ArgumentHelp(
            "The zone of times without one, such as Europe/Berlin (ANNOUNCE_TIMEZONE).",
            valueName: "zone"
        )
    )
    var timezone: String?

    @Flag(name: .shortAndLong, help: "Say more on stderr.")
    var verbose = false

    @Flag(help: "Say only errors on stderr.")
    var quiet = false

    /// Whether any of the TLS options was given.
    var hasTLS: Bool { tlsCa != nil || tlsCert != nil || tlsKey != nil || tlsInsecure }

    func validate() throws {
        if verbose && quiet { throw ValidationError("--verbose and --quiet exclude each other. Give one of them.") }
    }
}

/// How a command prints its data.
struct OutputOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table
        case json
    }

    @Option(name: .shortAndLong, parsing: .unconditional, help: "How to print: table or json.")
    var output = Format.table
}

/// How Socket.IO's messages travel on Redis, for the commands that publish or look.
struct WireOptions: ParsableArguments {
    enum Wire: String, ExpressibleByArgument, CaseIterable {
        case classic
    }

    @Option(
        parsing: .unconditional,
        help: "How the servers talk on Redis: classic (default), for @socket.io/redis-adapter and socket.io-redis."
    )
    var wire: Wire?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The adapter's `key` (ANNOUNCE_PREFIX; default socket.io).", valueName: "key")
    )
    var prefix: String?

    /// Whether any of them was given.
    var isGiven: Bool { wire != nil || prefix != nil }
}
