/// Why a time zone could not be had.
public struct ZoneError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure; more may be added.
    public struct Code: Hashable, Sendable {
        private let name: String

        /// The name cannot be a zone name: empty, absolute, with `..` or with other characters than zone names have.
        public static let invalidName = Code(name: "invalidName")
        /// The zone folders hold no zone of this name.
        public static let unknownZone = Code(name: "unknownZone")
        /// None of the zone folders exists.
        public static let noZoneData = Code(name: "noZoneData")
        /// The file is there but cannot be read.
        public static let unreadable = Code(name: "unreadable")
        /// The bytes are not a usable TZif file (RFC 9636).
        public static let invalidData = Code(name: "invalidData")
    }

    /// What kind of failure it is.
    public let code: Code

    /// One sentence of what is wrong and one of what to do.
    public let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What the messages of data that are not of use begin with.
    static let ofData = "The zone data cannot be used"

    /// The same, with the name of the zone and of the file that holds its data.
    func naming(_ zone: String, in file: String) -> ZoneError {
        let named = "The data of the time zone \(zone) in \(file) cannot be used"
        return ZoneError(code, message.replacing(Self.ofData, with: named, maxReplacements: 1))
    }

    /// The message.
    public var description: String { message }
}
