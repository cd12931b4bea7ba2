import ArgumentParser
import SocketIOEmitter

/// The options of every command.
struct CommonOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Read settings from this YAML file (ANNOUNCE_CONFIG).", valueName: "file"),
        completion: .file()
    )
    var config: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The SQLite file of announcements (ANNOUNCE_DATABASE).", valueName: "file"),
        completion: .file()
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
        help: ArgumentHelp("Trust the authorities in this PEM file (ANNOUNCE_REDIS_TLS_CA).", valueName: "file"),
        completion: .file()
    )
    var tlsCa: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Show Redis the certificate in this PEM file (ANNOUNCE_REDIS_TLS_CERT).", valueName: "file"),
        completion: .file()
    )
    var tlsCert: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The key of that certificate (ANNOUNCE_REDIS_TLS_KEY).", valueName: "file"),
        completion: .file()
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
        ),
        completion: .shellCommand("awk '!/^#/ { print $3 }' /usr/share/zoneinfo/zone.tab 2>/dev/null")
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
    enum Name: String, ExpressibleByArgument, CaseIterable {
        case classic
        case sharded
        case streams
        case python
    }

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            How the servers talk on Redis: classic (default) for @socket.io/redis-adapter and socket.io-redis, sharded for \
            createShardedAdapter, streams for @socket.io/redis-streams-adapter, python for python-socketio (ANNOUNCE_WIRE).
            """,
            valueName: "wire"
        )
    )
    var wire: Name?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            The adapter's `key` or `channelPrefix` (default socket.io); of python the channel (default socketio) \
            (ANNOUNCE_PREFIX).
            """,
            valueName: "key"
        )
    )
    var prefix: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The streams adapter's `streamName` (ANNOUNCE_STREAM_NAME; default socket.io).",
            valueName: "name"
        )
    )
    var stream: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The streams adapter's `maxLen` (ANNOUNCE_STREAM_MAX_LENGTH; default 10000).",
            valueName: "n"
        )
    )
    var streamMaxLength: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The streams adapter's `streamCount` (ANNOUNCE_STREAM_COUNT; default 1).",
            valueName: "n"
        )
    )
    var streamCount: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The generation of the servers of the classic wire: 4 (default), 3 or 2 (ANNOUNCE_SOCKETIO).",
            valueName: "4|3|2"
        ),
        completion: .list(["4", "3", "2"])
    )
    var socketio: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "What the servers of the python wire run at least (ANNOUNCE_PYTHON_SOCKETIO; default 5.15.1).",
            valueName: "version"
        ),
        completion: .list(["5.15.1", "5.14", "5.11"])
    )
    var pythonSocketio: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            Where Redis cannot keep tokens, publish all the same (auto, default) or wait (require); off keeps none \
            (ANNOUNCE_PUBLISH_ONCE).
            """,
            valueName: "auto|require|off"
        )
    )
    var publishOnce: OnceEmitter.Policy?

    /// Whether the setting of a key was given as an option.
    func gives(_ key: String) -> Bool {
        switch key {
        case "prefix": prefix != nil
        case "stream.name": stream != nil
        case "stream.max-length": streamMaxLength != nil
        case "stream.count": streamCount != nil
        case "socketio": socketio != nil
        case "python-socketio": pythonSocketio != nil
        default: false
        }
    }

    /// Refuses what is of no use where nothing is sent.
    func requireDryRun(_ isDryRun: Bool) throws {
        if isGiven && !isDryRun {
            throw ValidationError(
                "--wire and what belongs to it are options of `announce run`. Here they go with --dry-run only."
            )
        }
    }

    private var isGiven: Bool {
        wire != nil || prefix != nil || stream != nil || streamMaxLength != nil || streamCount != nil || socketio != nil
            || pythonSocketio != nil || publishOnce != nil
    }
}

extension OnceEmitter.Policy: ExpressibleByArgument {}
