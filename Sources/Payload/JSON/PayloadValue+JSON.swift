extension PayloadValue {
    /// How deep arrays and objects may be nested in JSON text that is read: 128.
    public static let maximumJSONDepth = 128

    /// Reads one JSON value (RFC 8259, strictly: no comments, trailing commas or byte order mark).
    ///
    /// An integer literal that fits in 64 bits becomes an ``integer(_:)`` and stays exact; any other number becomes
    /// the nearest double, as in `JSON.parse`. Half of a surrogate pair (`"\ud83d"`) becomes U+FFFD.
    ///
    /// ```swift
    /// try PayloadValue(json: #"{"id": 9007199254740993, "ratio": 1.0}"#)
    /// // ["id": .integer(9007199254740993), "ratio": .number(1)]
    /// try PayloadValue(json: "[1, 2,]")
    /// // line 1, column 7: Found "]", expected a value; JSON allows no comma before "]".
    /// ```
    ///
    /// - Throws: ``JSONError`` with the line and the column of the first character that is not JSON, of a number that
    ///   is too large for a double, or of the bracket that is deeper than ``maximumJSONDepth``.
    public init(json text: String) throws(JSONError) {
        var parser = JSONParser(Array(text.utf8))
        self = try parser.document()
    }

    /// Reads one JSON value from UTF-8 bytes, as ``init(json:)-(String)`` does from text.
    ///
    /// - Throws: ``JSONError``, also for bytes that are not UTF-8 (``JSONError/Code/invalidUTF8``).
    public init(json bytes: [UInt8]) throws(JSONError) {
        var parser = JSONParser(bytes)
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            let offset = error.byteOffsets.lowerBound
            throw parser.error(.invalidUTF8, at: offset, "Found a byte that is not UTF-8, expected JSON in UTF-8.")
        }
        self = try parser.document()
    }

    /// The JSON text of the value in UTF-8, as `JSON.stringify` writes it: without spaces.
    ///
    /// Doubles are written as JavaScript writes them, the shortest text that reads back as the same number (`1e+21`,
    /// `1e-7`, `0.1`), NaN and the infinities as `null`; a timestamp as `Date.prototype.toISOString` writes it, or as
    /// `null` outside the years -271821 to 275760 that a `Date` can hold.
    ///
    /// - Throws: ``PayloadError`` with ``PayloadError/Code/binaryInJSON`` if there is binary data inside.
    public func jsonBytes() throws(PayloadError) -> [UInt8] {
        var writer = JSONWriter(capacity: 64)
        try writer.write(self)
        return writer.bytes
    }

    /// The JSON text of the value as a string, see ``jsonBytes()``.
    ///
    /// - Throws: ``PayloadError`` with ``PayloadError/Code/binaryInJSON`` if there is binary data inside.
    public func jsonText() throws(PayloadError) -> String {
        String(decoding: try jsonBytes(), as: UTF8.self)
    }
}
