extension Wire {
    /// The patterns that match every channel of this wire with its prefix, in any namespace; none for a sharded one, whose
    /// channels cannot be subscribed to by pattern.
    ///
    /// A subscription by pattern changes no answer to `PUBSUB NUMSUB`, by which servers know how many answers they wait for.
    public var patterns: [String] {
        switch self {
        case .classic(let wire):
            ["#", "-request#", "-response#"].map { Self.literal(wire.prefix) + $0 + "*" }
        case .sharded: []
        case .streams(let wire): [Self.literal(wire.channelPrefix) + "#*"]
        case .python(let wire): [Self.literal(wire.channel)]
        }
    }

    /// A text in which what Redis would read as a wildcard is escaped: prefixes are plain texts to Socket.IO.
    static func literal(_ text: String) -> String {
        var pattern = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if "*?[]\\".unicodeScalars.contains(scalar) { pattern.append("\\") }
            pattern.append(scalar)
        }
        return String(pattern)
    }
}
