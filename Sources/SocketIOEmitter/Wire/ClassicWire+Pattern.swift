extension ClassicWire {
    /// The Redis pattern that matches every channel of broadcasts with this prefix, in any namespace, to any room.
    ///
    /// A prefix is a plain text to Socket.IO, so what Redis would read as a wildcard in it is escaped.
    public var broadcastPattern: String {
        var pattern = String.UnicodeScalarView()
        for scalar in prefix.unicodeScalars {
            if "*?[]\\".unicodeScalars.contains(scalar) { pattern.append("\\") }
            pattern.append(scalar)
        }
        return String(pattern) + "#*"
    }
}
