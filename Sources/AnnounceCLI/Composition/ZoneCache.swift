import Announce
import Glibc
import Recurrence
import Synchronization

/// Keeps the zones that were read, until their files change.
final class ZoneCache: Sendable {
    /// What tells one state of a file from another without reading it.
    private struct Stamp: Hashable {
        let path: String
        let file: UInt64
        let size: Int64
        let seconds: Int
        let nanoseconds: Int
    }

    private let loader: ZoneLoader
    private let zones = Mutex<[String: Zone]>([:])
    private let stamps = Mutex<[String: Stamp?]>([:])

    init(_ loader: ZoneLoader) {
        self.loader = loader
    }

    var source: ZoneSource {
        ZoneSource(
            zone: { try self.zone(named: $0) },
            loader: loader,
            version: { self.loader.dataVersion },
            refresh: { self.refresh() }
        )
    }

    /// The zone of that name; read when it is first asked for.
    func zone(named name: String) throws(ZoneError) -> Zone {
        if let zone = zones.withLock({ $0[name] }) { return zone }
        return try read(name, stamp: stamp(name))
    }

    /// Reads the zones anew whose files are others now; one that cannot be read stays as it was.
    ///
    /// - Returns: those that cannot be read, and why.
    private func refresh() -> [String: String] {
        var unreadable: [String: String] = [:]
        for (name, known) in stamps.withLock({ $0 }) {
            let stamp = stamp(name)
            if stamp == known { continue }
            do throws(ZoneError) {
                _ = try read(name, stamp: stamp)
            } catch {
                unreadable[name] = error.message
            }
        }
        return unreadable
    }

    private func read(_ name: String, stamp: Stamp?) throws(ZoneError) -> Zone {
        let zone = try loader.zone(named: name)
        zones.withLock { $0[name] = zone }
        stamps.withLock { $0[name] = .some(stamp) }
        return zone
    }

    private func stamp(_ name: String) -> Stamp? {
        for folder in loader.folders {
            var status = stat()
            guard stat("\(folder)/\(name)", &status) == 0 else { continue }
            return Stamp(
                path: folder,
                file: UInt64(status.st_ino),
                size: Int64(status.st_size),
                seconds: status.st_mtim.tv_sec,
                nanoseconds: status.st_mtim.tv_nsec
            )
        }
        return nil
    }
}
