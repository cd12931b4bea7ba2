import Configuration
import Glibc
import SocketIOEmitter
import SystemPackage
import Yams

/// The program's settings: option, then `ANNOUNCE_*`, then the YAML file, then the default.
struct Settings {
    /// The SQLite file.
    let database: String
    /// The Redis of the Socket.IO servers, password and all: never printed.
    let redisURL: String
    /// How the connection to Redis is encrypted where its URL asks for it.
    let redisTLS: TLSSettings
    /// The zone of times without one, or `system`.
    let timezone: String
    /// How the servers talk on Redis.
    let wire: WireSettings
    /// What to do where Redis cannot keep the tokens of batches.
    let publishOnce: OnceEmitter.Policy
    /// How fast messages go out and how long records are kept.
    let limits: LimitSettings

    /// Where the value of each key comes from, in the order of ``defaults``.
    let sources: [(key: String, source: Source)]

    /// Where a setting comes from.
    enum Source: Hashable {
        case option
        case environment(String)
        case file(String)
        case usual
    }

    /// Every key of the settings, and its default.
    static let defaults: [(key: String, value: ConfigContent)] = [
        ("database", .string(defaultDatabase())),
        ("redis.url", "redis://127.0.0.1:6379"),
        ("redis.tls.ca", .string(TLSSettings.system)),
        ("redis.tls.cert", .string(TLSSettings.none)),
        ("redis.tls.key", .string(TLSSettings.none)),
        ("redis.tls.server-name", .string(TLSSettings.url)),
        ("redis.tls.insecure", .string("false")),
        ("timezone", "system"),
        ("wire", "classic"),
        ("prefix", "socket.io"),
        ("stream.name", "socket.io"),
        ("stream.max-length", 10_000),
        ("stream.count", 1),
        ("socketio", 4),
        ("python-socketio", "5.15.1"),
        ("publish-once", .string(OnceEmitter.Policy.auto.rawValue)),
        ("max-bytes-per-second", "16MiB"),
        ("retention.age", "30d"),
        ("retention.count", .string(LimitSettings.none)),
    ]

    /// Reads the settings.
    ///
    /// - Throws: ``CommandFailure`` with exit code 78 that names the key or the file.
    init(
        _ common: CommonOptions,
        wire: WireOptions? = nil,
        environment: [String: String] = Self.environment
    ) async throws {
        var options: [AbsoluteConfigKey: ConfigValue] = [:]
        func option(_ key: AbsoluteConfigKey, _ value: String?) {
            if let value { options[key] = ConfigValue(.string(value), isSecret: false) }
        }
        func option(_ key: AbsoluteConfigKey, _ value: Int?) {
            if let value { options[key] = ConfigValue(.int(value), isSecret: false) }
        }
        option(["database"], common.database)
        option(["redis", "url"], common.redis)
        option(["redis", "tls", "ca"], common.tlsCa)
        option(["redis", "tls", "cert"], common.tlsCert)
        option(["redis", "tls", "key"], common.tlsKey)
        option(["redis", "tls", "insecure"], common.tlsInsecure ? "true" : nil)
        option(["timezone"], common.timezone)
        option(["wire"], wire?.wire?.rawValue)
        option(["prefix"], wire?.prefix)
        option(["stream", "name"], wire?.stream)
        option(["stream", "max-length"], wire?.streamMaxLength)
        option(["stream", "count"], wire?.streamCount)
        option(["socketio"], wire?.socketio)
        option(["python-socketio"], wire?.pythonSocketio)
        option(["publish-once"], wire?.publishOnce?.rawValue)
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "options", values: options),
            EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "announce"),
        ]
        let file = try Self.file(
            common.config ?? environment["ANNOUNCE_CONFIG"],
            isDatabaseNamed: common.database != nil || environment["ANNOUNCE_DATABASE"] != nil,
            environment
        )
        if let file { providers.append(try await Self.provider(file)) }
        let given = ConfigReader(providers: providers)
        sources = Self.defaults.map { key, _ in (key, Self.source(of: key, providers, file: file)) }
        let defaults = Self.defaults.map { key, value in
            (AbsoluteConfigKey(key.split(separator: ".").map(String.init)), ConfigValue(value, isSecret: false))
        }
        providers.append(InMemoryProvider(name: "defaults", values: Dictionary(uniqueKeysWithValues: defaults)))
        let reader = ConfigReader(providers: providers)
        func setting(_ key: ConfigKey, isSecret: Bool = false) throws -> String {
            let value: String
            do {
                value = try reader.requiredString(forKey: key, isSecret: isSecret)
            } catch {
                throw CommandFailure(
                    "The setting \(key) is not a text. Write it as one, as config/announce.example.yaml does.",
                    exitCode: CommandFailure.configuration
                )
            }
            guard !value.isEmpty else {
                throw CommandFailure(
                    "The setting \(key) is empty. Give it a value, or leave it out for the default.",
                    exitCode: CommandFailure.configuration
                )
            }
            return value
        }
        func yesOrNo(_ key: ConfigKey) throws -> Bool {
            switch try setting(key) {
            case "true": return true
            case "false": return false
            default:
                throw CommandFailure(
                    "The setting \(key) is neither true nor false. Write one of them.",
                    exitCode: CommandFailure.configuration
                )
            }
        }
        database = try setting("database")
        redisURL = try setting("redis.url", isSecret: true)
        redisTLS = TLSSettings(
            ca: try setting("redis.tls.ca"),
            certificate: try setting("redis.tls.cert"),
            key: try setting("redis.tls.key"),
            serverName: try setting("redis.tls.server-name"),
            isInsecure: try yesOrNo("redis.tls.insecure")
        )
        timezone = try setting("timezone")
        func number(_ key: ConfigKey) throws -> Int {
            do {
                return try reader.requiredInt(forKey: key)
            } catch {
                throw CommandFailure(
                    "The setting \(key) is not a whole number. Write it as one, as config/announce.example.yaml does.",
                    exitCode: CommandFailure.configuration
                )
            }
        }
        /// A number or a text, which YAML tells apart.
        func text(_ key: ConfigKey) throws -> String {
            if let number = reader.int(forKey: key) { return String(number) }
            return try setting(key)
        }
        guard let publishOnce = OnceEmitter.Policy(rawValue: try setting("publish-once")) else {
            throw CommandFailure(
                "The setting publish-once is none of its words. Write auto, require or off.",
                exitCode: CommandFailure.configuration
            )
        }
        self.publishOnce = publishOnce
        limits = try LimitSettings(
            bytesPerSecond: try text("max-bytes-per-second"),
            age: try setting("retention.age"),
            count: try text("retention.count")
        )
        let prefix = try setting("prefix")
        self.wire = WireSettings(
            wire: try setting("wire"),
            // The channel of python-socketio has a name of its own.
            prefix: given.string(forKey: "prefix") == nil ? nil : prefix,
            streamName: try setting("stream.name"),
            streamMaximumLength: try number("stream.max-length"),
            streamCount: try number("stream.count"),
            generation: try number("socketio"),
            pythonVersion: try setting("python-socketio")
        )
    }

    // MARK: Where they come from

    /// The first of the providers that has a key; they are the options, the environment, and the file where there is one.
    private static func source(of key: String, _ providers: [any ConfigProvider], file: String?) -> Source {
        let name = "ANNOUNCE_" + key.uppercased().replacing(".", with: "_").replacing("-", with: "_")
        let sources: [Source] = [.option, .environment(name), .file(file ?? "")]
        let found = zip(providers, sources).first { provider, _ in
            let reader = ConfigReader(provider: provider)
            return reader.string(forKey: ConfigKey(key)) != nil || reader.int(forKey: ConfigKey(key)) != nil
        }
        return found?.1 ?? .usual
    }

    /// The settings as they are in use, without passwords.
    ///
    /// - Parameter redisURL: the URL of Redis, without its passwords.
    /// - Returns: texts and numbers by their keys.
    func values(redisURL: String) -> [String: String] {
        var values = limits.texts
        values["database"] = database
        values["redis.url"] = redisURL
        values["redis.tls.ca"] = redisTLS.ca
        values["redis.tls.cert"] = redisTLS.certificate
        values["redis.tls.key"] = redisTLS.key
        values["redis.tls.server-name"] = redisTLS.serverName
        values["redis.tls.insecure"] = "\(redisTLS.isInsecure)"
        values["timezone"] = timezone
        values["wire"] = wire.wire
        values["prefix"] = wire.prefix ?? (wire.wire == "python" ? "socketio" : "socket.io")
        values["stream.name"] = wire.streamName
        values["stream.max-length"] = "\(wire.streamMaximumLength)"
        values["stream.count"] = "\(wire.streamCount)"
        values["socketio"] = "\(wire.generation)"
        values["python-socketio"] = wire.pythonVersion
        values["publish-once"] = publishOnce.rawValue
        return values
    }

    // MARK: The file

    /// The file to read: the one that was named, else the first of the usual places that exists.
    ///
    /// - Throws: ``CommandFailure`` where that one may not be read: who went on without it would use another database.
    private static func file(
        _ named: String?,
        isDatabaseNamed: Bool,
        _ environment: [String: String]
    ) throws -> String? {
        if let named { return named }
        let home = environment["XDG_CONFIG_HOME"] ?? environment["HOME"].map { $0 + "/.config" }
        let usual = [home.map { $0 + "/announce/announce.yaml" }, "/etc/announce/announce.yaml"]
        guard let file = usual.compactMap({ $0 }).first(where: { access($0, F_OK) == 0 }) else { return nil }
        guard access(file, R_OK) == 0 else {
            if isDatabaseNamed { return nil }
            throw CommandFailure(
                "The settings file \(file) cannot be read: \(String(cString: strerror(errno))). Run this as the user of the "
                    + "dispatcher, such as with `sudo -u announce`, or name other settings with --config.",
                exitCode: CommandFailure.permission
            )
        }
        return file
    }

    private static func provider(_ file: String) async throws -> any ConfigProvider {
        func failure(_ what: String) -> CommandFailure {
            CommandFailure(
                "The settings file \(file) \(what) See config/announce.example.yaml for every key.",
                exitCode: CommandFailure.configuration
            )
        }
        guard let bytes = Bytes.all(ofFile: file) else {
            throw failure("cannot be read: \(String(cString: strerror(errno))).")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw failure("is not UTF-8 text.") }
        do {
            guard let root = try Yams.compose(yaml: text) else { return InMemoryProvider(name: file, values: [:]) }
            if let (path, line) = try unknownKey(in: root) {
                throw failure("has a key that announce does not know in line \(line): \(path).")
            }
            return try await FileProvider<YAMLSnapshot>(filePath: FilePath(file))
        } catch let error as YamlError {
            throw failure("is not YAML: \(String(describing: error).split(separator: "\n").first ?? "").")
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw failure("cannot be used: \(error).")
        }
    }

    /// The first key that is none of ours: a misspelt setting must not be passed over.
    private static func unknownKey(in root: Node) throws -> (path: String, line: Int)? {
        let known = Set(defaults.map(\.key))
        var nodes: [(path: [String], node: Node)] = [([], root)]
        while let (path, node) = nodes.popLast() {
            guard let mapping = node.mapping else {
                guard path.isEmpty else { continue }
                return ("the file is not a list of keys and values", node.mark?.line ?? 1)
            }
            for (key, value) in mapping {
                let keyPath = path + [key.string ?? "?"]
                let name = keyPath.joined(separator: ".")
                // A section of which every key is left out, as in the example, has nothing in it.
                let isSection = known.contains { $0.hasPrefix(name + ".") }
                if isSection && value.null != nil { continue }
                guard known.contains(name) || isSection && value.mapping != nil else {
                    return (name, key.mark?.line ?? 1)
                }
                nodes.append((keyPath, value))
            }
        }
        return nil
    }

    // MARK: Where things are by default

    /// The process's environment.
    static var environment: [String: String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        return variables
    }

    /// `$XDG_DATA_HOME/announce/announce.sqlite`, else in `~/.local/share` (XDG Base Directory Specification).
    private static func defaultDatabase() -> String {
        let environment = environment
        let data =
            environment["XDG_DATA_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
            ?? (environment["HOME"] ?? "") + "/.local/share"
        return data + "/announce/announce.sqlite"
    }
}
