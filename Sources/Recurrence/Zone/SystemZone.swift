extension ZoneLoader {
    /// The name of the host's own zone: a default to offer, never one to apply in silence.
    ///
    /// From `TZ` (also with a leading colon, or as a path into one of the folders), else from the link
    /// `/etc/localtime`, else from `/etc/timezone`, else `UTC`. An empty `TZ` means UTC, as in POSIX. What `TZ` says
    /// is given back as it is, so a rule in POSIX form (`CET-1CEST,M3.5.0,M10.5.0/3`) is refused by ``zone(named:)``
    /// and not replaced by a guess.
    public func systemZoneName(environment: [String: String]) -> String {
        if let setting = environment["TZ"] {
            let name = setting.first == ":" ? String(setting.dropFirst()) : setting
            return name.isEmpty ? "UTC" : self.name(fromPath: name) ?? name
        }
        let link = "\(settings)/localtime"
        for target in [linkTarget(link), resolvedPath(link)] {
            if let name = target.flatMap(name(fromPath:)) { return name }
        }
        if let name = firstLine(ofFile: "\(settings)/timezone"), Self.isWellFormed(name) { return name }
        return "UTC"
    }

    /// The zone's name in the path of a file of zone data, such as `../usr/share/zoneinfo/Europe/Berlin`.
    private func name(fromPath path: String) -> String? {
        for folder in folders where path.hasPrefix("\(folder)/") {
            return Self.checked(path.dropFirst(folder.count + 1))
        }
        let parts = path.split(separator: "/")
        guard path.contains("/"), let index = parts.lastIndex(of: "zoneinfo") else { return nil }
        return Self.checked(parts[(index + 1)...].joined(separator: "/")[...])
    }

    private static func checked(_ name: Substring) -> String? {
        isWellFormed(String(name)) ? String(name) : nil
    }
}
