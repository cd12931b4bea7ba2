import Recurrence

/// The zones as the system knows them now, and when that changes.
public struct ZoneSource: Sendable {
    /// Finds a zone by name.
    public let zone: @Sendable (String) throws -> Zone
    /// Finds the zones that an excluded calendar names.
    public let loader: ZoneLoader
    /// The version of the zone data, when they tell it.
    public let version: @Sendable () -> String?
    /// Looks at the files again, so that zones are as they are there now; says which zone's file cannot be read, and why.
    public let refresh: @Sendable () -> [String: String]

    /// Makes a source of functions.
    public init(
        zone: @escaping @Sendable (String) throws -> Zone,
        loader: ZoneLoader = ZoneLoader(folders: ZoneLoader.usualFolders),
        version: @escaping @Sendable () -> String? = { nil },
        refresh: @escaping @Sendable () -> [String: String] = { [:] }
    ) {
        self.zone = zone
        self.loader = loader
        self.version = version
        self.refresh = refresh
    }
}
