import Announce
import ArgumentParser
import Glibc
import Payload

/// What is said, and to whom.
struct MessageOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The first argument of the event, a string; - reads it from stdin.", valueName: "text")
    )
    var text: String?

    @OptionGroup var whom: WhomOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The event (default: announcement; of maintenance: maintenance).", valueName: "name")
    )
    var event: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A further argument of the event, as JSON; may be repeated.", valueName: "value")
    )
    var json: [String] = []

    @Flag(inversion: .prefixedNo, help: "Clients that cannot take it at that moment may lose it.")
    var volatile: Bool?

    @Flag(inversion: .prefixedNo, help: "Whether the servers compress it; by default they decide.")
    var compress: Bool?

    @Flag(inversion: .prefixedNo, help: "It counts as published even if no Socket.IO server was listening.")
    var allowUnheard: Bool?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Ask the clients to acknowledge it, wait so long, and say how many did: 5s.",
            valueName: "duration"
        )
    )
    var ack: String?

    /// How long acknowledgements are waited for, where that was given.
    ///
    /// - Throws: ``CommandFailure`` for what is no time to wait.
    var acknowledgeWithin: Duration? {
        get throws { try ack.map(Duration.init(option:)) }
    }

    /// Refuses what names nobody or says nothing; an edit need not do either.
    func requireWhole() throws {
        if !whom.isAddressed {
            throw ValidationError("Nobody is named. Say whom it is for: --all, --room NAME or --socket ID.")
        }
        if text == nil && json.isEmpty && event == nil {
            throw ValidationError("There is nothing to say. Give a text, --json VALUE or --event NAME.")
        }
    }

    /// Whom it is for.
    var target: Target {
        var target = Target(audience: .everyone)
        change(&target)
        return target
    }

    /// Puts the options that were given in place of those of a target.
    func change(_ target: inout Target) {
        whom.change(&target)
        if let volatile { target.volatile = volatile }
        if let compress { target.compress = compress }
    }

    /// The event and its arguments; reads stdin for the text `-`.
    ///
    /// - Throws: ``CommandFailure`` for JSON that is none, with its line and column.
    func data() throws -> EventData {
        EventData(event: event ?? "announcement", arguments: try arguments())
    }

    /// Puts the message that was given in place of another; what was not given stays.
    ///
    /// - Returns: the event, and whether its first argument is a text.
    func change(_ data: EventData, hasText: Bool) throws -> (EventData, hasText: Bool) {
        guard text != nil || !json.isEmpty else {
            guard let event else { return (data, hasText) }
            return (EventData(event: event, arguments: try data.arguments()), hasText)
        }
        var arguments = try arguments()
        let old = try data.arguments()
        // A new text leaves the JSON behind it, and new JSON leaves the text before it.
        if json.isEmpty { arguments += old.dropFirst(hasText ? 1 : 0) }
        if text == nil && hasText { arguments.insert(contentsOf: old.prefix(1), at: 0) }
        return (EventData(event: event ?? data.event, arguments: arguments), text != nil || hasText)
    }

    /// The arguments of the event; reads stdin for the text `-`.
    ///
    /// - Throws: ``CommandFailure`` for JSON that is none, with its line and column.
    func arguments() throws -> [PayloadValue] {
        var arguments: [PayloadValue] = []
        if let text { arguments.append(.string(text == "-" ? try Self.standardInput() : text)) }
        for (index, text) in json.enumerated() {
            do {
                arguments.append(try PayloadValue(json: text))
            } catch {
                let which = json.count == 1 ? "--json" : "--json number \(index + 1)"
                throw CommandFailure(
                    "\(which) is not JSON: \(error) Quote it for the shell, as in --json '{\"a\":1}'.",
                    exitCode: CommandFailure.dataError
                )
            }
        }
        if arguments.contains(where: \.isRoundedByJavaScript) {
            Terminal.note(
                "Warning: an integer beyond 2^53 arrives rounded, as JavaScript has no larger ones. Send it as a string."
            )
        }
        if arguments.contains(where: \.exceedsSocketIORange) {
            Terminal.note(
                "Warning: a number of 2^64 or more arrives garbled, as from Socket.IO's own emitter. Send it as a string."
            )
        }
        return arguments
    }

    /// Standard input as text, without the newline at its end that `echo` and editors add.
    private static func standardInput() throws -> String {
        guard var bytes = Bytes.all(of: STDIN_FILENO) else {
            throw CommandFailure(
                "stdin cannot be read: \(String(cString: strerror(errno))). Give the text as a word, or pipe it in.",
                exitCode: CommandFailure.dataError
            )
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw CommandFailure(
                "What came on stdin is not UTF-8 text. Convert it, as with `iconv -t UTF-8`.",
                exitCode: CommandFailure.dataError
            )
        }
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        if bytes.isEmpty {
            throw CommandFailure(
                "There is nothing to say: nothing came on stdin, from which - reads the text. Pipe it in, or give it as a word.",
                exitCode: CommandFailure.dataError
            )
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension [String] {
    /// The strings in their order, each once; to Socket.IO `é` in one and in two code points are two names.
    var unique: [String] {
        var seen: Set<[UInt8]> = []
        return filter { seen.insert([UInt8]($0.utf8)).inserted }
    }
}
