import Foundation
import Testing

@testable import Recurrence

struct ZoneLoaderTests {
    /// Runs a body with an empty folder of its own.
    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "zones-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test(arguments: [
        ("europe/berlin", "Did you mean Europe/Berlin?"), ("EUROPE/BERLIN", "Did you mean Europe/Berlin?"),
        ("Berlin", "Did you mean Europe/Berlin?"), ("new_york", "Did you mean America/New_York?"),
        ("Europe/Berln", "Did you mean Europe/Berlin?"), ("Europe/Brelin", "Did you mean Europe/Berlin?"),
        ("Mars/Olympus", "Write a name like Europe/Berlin"), ("Europe", "Write a name like Europe/Berlin"),
    ])
    func `an unknown name is answered with the right one`(name: String, advice: String) {
        #expect { try fixtureZones.zone(named: name) } throws: { error in
            (error as? ZoneError)?.code == .unknownZone && "\(error)".contains(advice)
        }
    }

    @Test(arguments: [
        "", "/", "/etc/passwd", "../zoneinfo/Europe/Berlin", "Europe/../Europe/Berlin", "Europe//Berlin",
        "Europe/Berlin/", ".",
        "Europe/Berlin\0", "tzdata.zi", "CET-1CEST,M3.5.0,M10.5.0/3", "Ｅurope/Berlin", "+24:00", "+9", "-12:60",
        String(repeating: "A", count: 101),
    ])
    func `what cannot be a name is refused before any file is touched`(name: String) {
        #expect { try fixtureZones.zone(named: name) } throws: { ($0 as? ZoneError)?.code == .invalidName }
    }

    @Test func `without any zone data the remedy is named`() {
        let loader = ZoneLoader(folders: ["/nonexistent/a", "/nonexistent/b"])
        #expect { try loader.zone(named: "Europe/Berlin") } throws: { error in
            (error as? ZoneError)?.code == .noZoneData && "\(error)".contains("Install tzdata")
        }
        #expect(loader.dataVersion == nil)
        #expect(loader.zoneNames().isEmpty)
    }

    @Test func `the folders are searched in order, TZDIR first`() throws {
        try withFolder { folder in
            let bytes = TZifSample(footer: "XYZ-3").bytes
            try Data(bytes).write(to: folder.appending(path: "Here"))
            let loader = ZoneLoader(folders: [folder.path] + fixtureZones.folders)
            #expect(try loader.zone(named: "Here").abbreviation(at: .max) == "XYZ")
            #expect(try loader.zone(named: "Europe/Berlin").abbreviation(at: .max) == "CET")
            #expect(loader.zoneNames().contains("Here"))
            #expect(loader.zoneNames().contains("America/New_York"))
            #expect(ZoneLoader.system(environment: ["TZDIR": folder.path]).folders.first == folder.path)
        }
        #expect(ZoneLoader.system(environment: [:]).folders == ZoneLoader.usualFolders)
        #expect(ZoneLoader.system(environment: ["TZDIR": ""]).folders == ZoneLoader.usualFolders)
    }

    @Test func `the version of the data is read from either file`() throws {
        #expect(fixtureZones.dataVersion == "2025b")
        try withFolder { folder in
            let loader = ZoneLoader(folders: [folder.path])
            #expect(loader.dataVersion == nil)
            try Data("2026a\n".utf8).write(to: folder.appending(path: "+VERSION"))
            #expect(loader.dataVersion == "2026a")
            try Data("# version 2026b\n# more\n".utf8).write(to: folder.appending(path: "tzdata.zi"))
            #expect(loader.dataVersion == "2026b")
        }
    }

    @Test func `a file that is no zone is told apart from a missing one`() throws {
        try withFolder { folder in
            try Data("hello".utf8).write(to: folder.appending(path: "Broken"))
            try Data(count: (1 << 20) + 1).write(to: folder.appending(path: "Huge"))
            try FileManager.default.createDirectory(
                at: folder.appending(path: "Folder"),
                withIntermediateDirectories: true
            )
            let loader = ZoneLoader(folders: [folder.path])
            let codes = ["Broken", "Huge", "Folder", "Missing"].map { name in
                do throws(ZoneError) {
                    _ = try loader.zone(named: name)
                    return nil as ZoneError.Code?
                } catch { return error.code }
            }
            #expect(codes == [.invalidData, .unreadable, .unknownZone, .unknownZone])
            #expect { try loader.zone(named: "Broken") } throws: { error in
                "\(error)".hasPrefix("The data of the time zone Broken in \(folder.path)/Broken cannot be used: ")
            }
        }
    }

    @Test(arguments: [
        (["TZ": "Europe/Berlin"], "Europe/Berlin"), (["TZ": ":Europe/Berlin"], "Europe/Berlin"), (["TZ": ""], "UTC"),
        (["TZ": ":/usr/share/zoneinfo/Asia/Tokyo"], "Asia/Tokyo"),
        (["TZ": "CET-1CEST,M3.5.0,M10.5.0/3"], "CET-1CEST,M3.5.0,M10.5.0/3"),
    ])
    func `the host's zone is what TZ says`(environment: [String: String], name: String) {
        #expect(fixtureZones.systemZoneName(environment: environment) == name)
    }

    @Test func `without TZ the host's zone is the link's, then the file's, then UTC`() throws {
        try withFolder { folder in
            let loader = ZoneLoader(folders: fixtureZones.folders, settings: folder.path)
            #expect(loader.systemZoneName(environment: [:]) == "UTC")
            try Data("Asia/Tokyo\n".utf8).write(to: folder.appending(path: "timezone"))
            #expect(loader.systemZoneName(environment: [:]) == "Asia/Tokyo")
            let link = folder.appending(path: "localtime").path
            try FileManager.default.createSymbolicLink(
                atPath: link,
                withDestinationPath: "../usr/share/zoneinfo/America/Argentina/Buenos_Aires"
            )
            #expect(loader.systemZoneName(environment: [:]) == "America/Argentina/Buenos_Aires")
        }
    }

    @Test func `fixed offsets and UTC need no files`() throws {
        let loader = ZoneLoader(folders: [])
        #expect(try loader.zone(named: "utc") == .utc)
        #expect(try loader.zone(named: "+05:30").identifier == "+05:30")
    }
}
