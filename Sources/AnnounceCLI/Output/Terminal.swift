import Glibc

/// The program's two streams: data on stdout, everything else on stderr.
enum Terminal {
    /// Writes a line of data; ends the program quietly when its reader has gone away, and with an error when the line is lost
    /// otherwise.
    static func data(_ line: String) {
        if write(line + "\n", to: STDOUT_FILENO) { return }
        let reason = errno
        if reason == EPIPE { exit(0) }
        error(
            "The output cannot be written: \(String(cString: strerror(reason))). What was asked for may be done all the same."
        )
        exit(CommandFailure.internalError)
    }

    /// How many columns standard output has; nil where it is no terminal.
    static var width: Int? {
        guard isatty(STDOUT_FILENO) == 1 else { return nil }
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Whether standard output is a terminal that has colours, and nobody forbids them (https://no-color.org).
    static var hasColour: Bool { hasColour(STDOUT_FILENO) }

    private static func hasColour(_ descriptor: Int32) -> Bool {
        func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        return isatty(descriptor) == 1 && variable("NO_COLOR").map(\.isEmpty) ?? true && variable("TERM") != "dumb"
    }

    /// Writes a title and a value; on a terminal the value goes on below itself where it is too long.
    static func field(_ title: String, _ value: String) {
        let indent = 14
        let lines = wrapped(Table.oneLine(value), to: width.map { max(20, $0 - indent) })
        for (number, line) in lines.enumerated() {
            data((number == 0 ? title : "").padded(to: indent) + line)
        }
    }

    /// Writes a remark for a person.
    static func note(_ line: String) {
        write(Table.oneLine(line) + "\n", to: STDERR_FILENO)
    }

    /// Writes why the command failed.
    static func error(_ message: String) {
        let title = hasColour(STDERR_FILENO) ? Colour.red.applied(to: "Error:") : "Error:"
        write("\(title) \(Table.oneLine(message))\n", to: STDERR_FILENO)
    }

    /// Writes a line over the one before it; what is empty takes it away.
    static func progress(_ line: String) {
        write("\r\u{1B}[K" + line, to: STDERR_FILENO)
    }

    /// Empties the screen; what is read by a program gets an empty line.
    static func clear() {
        write(isatty(STDOUT_FILENO) == 1 ? "\u{1B}[H\u{1B}[2J\u{1B}[3J" : "\n", to: STDOUT_FILENO)
    }

    /// Whether a person can be asked.
    static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// Asks a question that is answered with yes or no; anything else is no.
    static func ask(_ question: String) -> Bool {
        write(question + " [y/N] ", to: STDERR_FILENO)
        return ["y", "yes"].contains(readLine()?.lowercased() ?? "")
    }

    /// Writes without buffering, so that a reader has a line as soon as it is there.
    @discardableResult
    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno != EINTR { return false }
            rest = rest.dropFirst(max(0, count))
        }
        return true
    }
}
