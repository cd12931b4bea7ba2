/// Finds time zones in the folders of compiled zone data that the system's package manager keeps up to date.
///
/// Every call reads the files anew, so an update is seen at once; keep the ``Zone`` where speed matters.
///
/// ```swift
/// let loader = ZoneLoader.system(environment: environment)
/// let zone = try loader.zone(named: "europe/berlin")
/// // ZoneError: There is no time zone "europe/berlin". Did you mean Europe/Berlin?
/// ```
public struct ZoneLoader: Hashable, Sendable {
    /// The folders that are searched, in this order.
    public let folders: [String]

    /// Where `localtime` and `timezone` are looked for; `/etc` but in tests.
    let settings: String

    /// Where distributions keep zone data (the list of Python's `zoneinfo`, PEP 615).
    public static let usualFolders = [
        "/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo",
    ]

    /// Makes a loader that searches these folders in this order.
    public init(folders: [String]) {
        self.init(folders: folders, settings: "/etc")
    }

    init(folders: [String], settings: String) {
        self.folders = folders
        self.settings = settings
    }

    /// Makes the loader of this system: the folder that `TZDIR` names, when the environment has it, then
    /// ``usualFolders``.
    public static func system(environment: [String: String]) -> ZoneLoader {
        let chosen = environment["TZDIR"].flatMap { $0.isEmpty ? nil : [$0] } ?? []
        return ZoneLoader(folders: chosen + usualFolders)
    }

    /// Reads a zone.
    ///
    /// `UTC`, `Z` and fixed offsets such as `+09:00` need no file.
    /// All other names are those of the IANA database, such as `Europe/Berlin`. Case matters, as it does to the file
    /// system; a name in the wrong case, or of a city alone, is refused with the right one.
    /// - Throws: ``ZoneError``: `invalidName`, `unknownZone`, `noZoneData`, `unreadable` or `invalidData`.
    public func zone(named name: String) throws(ZoneError) -> Zone {
        if let zone = Zone(fixedOffset: name) { return zone }
        if name.first == "+" || name.first == "-" {
            throw ZoneError(.invalidName, "\"\(name)\" is not an offset from UTC. Write one like +09:00, up to 23:59.")
        }
        guard Self.isWellFormed(name) else {
            throw ZoneError(
                .invalidName,
                "\"\(name)\" is not the name of a time zone. Write one like Europe/Berlin, UTC or +09:00."
            )
        }
        for folder in folders {
            switch readFile("\(folder)/\(name)", limit: 1 << 20) {
            case .bytes(let bytes):
                do {
                    return try Zone(identifier: name, tzif: bytes)
                } catch {
                    throw error.naming(name, in: "\(folder)/\(name)")
                }
            case .absent:
                continue
            case .failed(let reason):
                throw ZoneError(.unreadable, "\(folder)/\(name) cannot be read: \(reason). Check its permissions.")
            }
        }
        throw missing(name)
    }

    /// The version of the zone data, such as `2025b`, or nil when the folders do not tell.
    ///
    /// From the first line of `tzdata.zi` (`# version 2025b`) or from the file `+VERSION`, in the first folder that
    /// has either.
    public var dataVersion: String? {
        for folder in folders {
            let prefix = "# version "
            if let line = firstLine(ofFile: "\(folder)/tzdata.zi"), line.hasPrefix(prefix) {
                return String(line.dropFirst(prefix.count))
            }
            if let line = firstLine(ofFile: "\(folder)/+VERSION") { return line }
        }
        return nil
    }

    /// The names of all zones in the folders, sorted; neither `posix/` nor `right/` is among them.
    public func zoneNames() -> [String] {
        var names: Set<String> = []
        for folder in folders { collect(folder, prefix: "", depth: 3, into: &names) }
        return names.sorted()
    }

    private func collect(_ folder: String, prefix: String, depth: Int, into names: inout Set<String>) {
        // The zones' names begin with a capital and have no dot, unlike the tables and links beside them.
        for entry in folderEntries(folder) where entry.first?.isUppercase == true && !entry.contains(".") {
            if isFolder("\(folder)/\(entry)") {
                if depth > 1 {
                    collect("\(folder)/\(entry)", prefix: "\(prefix)\(entry)/", depth: depth - 1, into: &names)
                }
            } else {
                names.insert("\(prefix)\(entry)")
            }
        }
    }

    /// Letters, digits, `_`, `+` and `-` in parts joined by `/`, as the IANA database's Theory file allows: no dot, so
    /// no way up.
    static func isWellFormed(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return name.utf8.count <= 100
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.utf8.allSatisfy { byte in
                        (0x41...0x5A).contains(byte & 0xDF) && byte < 0x80 || (0x30...0x39).contains(byte)
                            || byte == 0x5F || byte == 0x2B || byte == 0x2D
                    }
            }
    }

    /// Whether one byte too many, too few or wrong, or two that changed places, make one word of the other.
    private static func differsByOneSlip(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard abs(left.count - right.count) <= 1 else { return false }
        let same = zip(left, right).prefix { $0 == $1 }.count
        let (left, right) = (left.dropFirst(same), right.dropFirst(same))
        return left.dropFirst() == right.dropFirst() || left.dropFirst() == right || left == right.dropFirst()
            || left.dropFirst(2) == right.dropFirst(2) && left.prefix(2).elementsEqual(right.prefix(2).reversed())
    }

    private func missing(_ name: String) -> ZoneError {
        guard folders.contains(where: isFolder) else {
            return ZoneError(
                .noZoneData,
                "There is no time zone data in \(folders.joined(separator: ", ")). "
                    + "Install tzdata, or set TZDIR to its folder."
            )
        }
        let wanted = name.lowercased()
        let names = zoneNames()
        let suggestion =
            names.first { $0.lowercased() == wanted }
            ?? names.first { $0.lowercased().split(separator: "/").last.map(String.init) == wanted }
            ?? names.first { Self.differsByOneSlip(Array($0.lowercased().utf8), Array(wanted.utf8)) }
        let advice = suggestion.map { "Did you mean \($0)?" } ?? "Write a name like Europe/Berlin, UTC or +09:00."
        return ZoneError(.unknownZone, "There is no time zone \"\(name)\". \(advice)")
    }
}
