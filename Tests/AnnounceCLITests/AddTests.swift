import AnnounceTestKit
import Foundation
import Payload
import Testing

/// What `add` stores and prints back.
@Suite(.serialized) struct AddTests {
    private let announce: Program

    init() throws {
        announce = try Program()
    }

    static let echoes: [(arguments: [String], echo: String)] = [
        (["--room", "lobby", "--at", "2099-11-24T00:00:00Z"], "room lobby, Tue 24 Nov 2099 00:00 UTC (+00:00), in D"),
        (
            ["--room", "lobby", "--at", "2099-11-24 09:00", "--tz", "Asia/Tokyo"],
            "room lobby, Tue 24 Nov 2099 09:00 JST (+09:00), in D"
        ),
        (
            ["--all", "--at", "2099-07-01T09:00:30", "--tz", "America/New_York"],
            "everyone, Wed 1 Jul 2099 09:00:30 EDT (-04:00), in D"
        ),
        (
            ["--all", "--at", "2099-03-08 02:30", "--timezone", "America/New_York"],
            "everyone, Sun 8 Mar 2099 03:30 EDT (-04:00), in D (shifted by daylight saving)"
        ),
        (["--all", "--at", "@4083264000"], "everyone, Sun 24 May 2099 00:00 UTC (+00:00), in D"),
        (["--socket", "S1H5pJcm8Kun5lOoAAAA", "--in", "90m"], "socket S1H5pJcm8Kun5lOoAAAA, W, in 1 h 30 min"),
        (["--room", "a", "--room", "b", "--except", "c", "--in", "10s"], "rooms a, b except c, W, in 10 s"),
        (["--all", "--namespace", "/admin", "--in", "2h"], "everyone in /admin, W, in 2 h"),
        (["--all", "--every", "15m"], "everyone, W, in 15 min, then every 15 min"),
        (
            ["--all", "--every", "36h", "--at", "2099-11-24T00:00:00Z"],
            "everyone, Tue 24 Nov 2099 00:00 UTC (+00:00), in D, then every 1 d 12 h"
        ),
        (
            ["--all", "--at", "2099-11-25T00:00Z", "--at", "2099-11-24T00:00Z", "--at", "2099-11-26T00:00Z"],
            "everyone, Tue 24 Nov 2099 00:00 UTC (+00:00), in D, and 2 more"
        ),
    ]

    @Test("What was understood is printed back: for whom, when, in which zone, how far away", arguments: echoes)
    func echo(_ arguments: [String], _ echo: String) async throws {
        let finished = try await announce.run(["add", "hi"] + arguments)
        let pattern =
            NSRegularExpression.escapedPattern(for: echo)
            .replacingOccurrences(of: "in D", with: "in [0-9]+ d( [0-9]+ h)?")
            .replacingOccurrences(
                of: "W,",
                with: #"\w{3} \d+ \w{3} \d{4} \d\d:\d\d(:\d\d(\.\d{3})?)? UTC \(\+00:00\),"#
            )
        let whole = try Regex("^Announcement 1: \(pattern)\\.\n$")
        #expect(finished.stdout.contains(whole), "\(finished.stdout)\(finished.stderr)")
        #expect(finished.stderr == "")
        #expect(finished.status == 0)
    }

    @Test("JSON has the keys that scripts rely on, and instants with milliseconds")
    func json() async throws {
        let finished = try await announce.run(
            "add",
            "hi",
            "--room",
            "lobby",
            "--socket",
            "abc",
            "--except",
            "x",
            "--namespace",
            "/admin",
            "--volatile",
            "--no-compress",
            "--at",
            "2099-12-01 09:00",
            "--tz",
            "Asia/Tokyo",
            "--priority",
            "5",
            "--name",
            "coffee",
            "--label",
            "team=ops",
            "--label",
            "a=b",
            "--allow-unheard",
            "-o",
            "json"
        )
        let json = try finished.json
        let expected = [
            "id", "name", "revision", "event", "arguments", "target", "schedules", "timezone", "priority", "labels",
            "state",
            "reason", "nextAt", "nextPhase", "createdAt", "updatedAt",
        ]
        #expect(Set(expected).isSubset(of: json.keys), "\(json.keys)")
        #expect(json["id"] == 1)
        #expect(json["name"] == "coffee")
        #expect(json["revision"] == 1)
        #expect(json["event"] == "announcement")
        #expect(json["arguments"] == ["hi"])
        let target: PayloadValue = [
            "namespace": "/admin", "all": false, "rooms": ["lobby"], "sockets": ["abc"], "except": ["x"],
            "volatile": true,
            "compress": false,
        ]
        #expect(json["target"] == target)
        #expect(json["schedules"] == [["kind": "wall", "at": "2099-12-01T09:00:00"]])
        #expect(json["timezone"] == "Asia/Tokyo")
        #expect(json["priority"] == 5)
        #expect(json["labels"] == ["a": "b", "team": "ops"])
        #expect(json["state"] == "scheduled")
        #expect(json["reason"] == .null)
        #expect(json["nextAt"] == "2099-12-01T00:00:00.000Z")
        #expect(json["nextPhase"] == "start")
        let created = try #require(json["createdAt"]?.text)
        #expect(created.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        #expect(json["updatedAt"]?.text == created)
        #expect(finished.lines.count == 1)
    }

    @Test("An interval begins at --at, also when that is past, and otherwise one interval from now")
    func intervals() async throws {
        let past = try await announce.run(
            "add",
            "x",
            "--all",
            "--every",
            "1d",
            "--at",
            "2020-01-01T05:00Z",
            "-o",
            "json"
        )
        #expect(try past.json["nextAt"]?.text?.hasSuffix("T05:00:00.000Z") == true)
        let rule: PayloadValue = ["kind": "interval", "everySeconds": 86_400, "from": "2020-01-01T05:00:00.000Z"]
        #expect(try past.json["schedules"] == [rule])
        let mixed = try await announce.run(
            "add",
            "x",
            "--all",
            "--every",
            "1h",
            "--at",
            "2099-01-01T05:00Z",
            "--at",
            "2099-01-01T05:30Z",
            "-o",
            "json"
        )
        #expect(try mixed.json["nextAt"] == "2099-01-01T05:00:00.000Z")
        #expect(try mixed.json["schedules"]?.elements.count == 2)
    }

    @Test("--in 0s is due now and accepted")
    func now() async throws {
        let finished = try await announce.run("add", "x", "--all", "--in", "0s")
        #expect(finished.status == 0)
        #expect(finished.stdout.hasSuffix("now.\n"), "\(finished.stdout)")
    }

    @Test("The database is for its user only, and so is a folder that was made for it")
    func modes() async throws {
        let path = announce.folder.file("deep/er/a.sqlite")
        #expect(try await announce.run("add", "x", "--all", "--in", "1h", "--database", path).status == 0)
        func mode(_ path: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        }
        #expect(try mode(path) == 0o600)
        #expect(try mode(announce.folder.file("deep/er")) == 0o700)
        #expect(try mode(announce.folder.file("deep")) == 0o700)
        for side in ["-wal", "-shm"] where announce.has("deep/er/a.sqlite" + side) {
            #expect(try mode(path + side) == 0o600)
        }
    }

    @Test("A name is free again when its announcement is cancelled")
    func nameAfterCancel() async throws {
        let add = ["add", "x", "--all", "--in", "1h", "--name", "coffee", "-o", "json"]
        #expect(try await announce.run(add).json["id"] == 1)
        #expect(try await announce.run("cancel", "coffee").status == 0)
        #expect(try await announce.run(add).json["id"] == 2)
        // The live one has the name, and the old one still its number.
        #expect(try await announce.run("show", "coffee", "-o", "json").json["id"] == 2)
        #expect(try await announce.run("show", "1", "-o", "json").json["state"] == "cancelled")
    }
}
