import Announce
import Recurrence
import SocketIOEmitter
import Testing

@testable import AnnounceCLI

/// What follows from the state of the database, the clocks and Redis; who listens is in ``DiagnosisTests``.
@Suite struct DiagnosisOfRestTests {
    private func finding(_ diagnosis: Diagnosis, _ check: Finding.Check) -> Finding? {
        diagnosis.findings.last { $0.check == check }
    }

    @Test("A failure of the database is told with its exit code, and Redis is looked at all the same")
    func database() {
        let newer = CommandFailure("/a.sqlite has schema 99. Upgrade announce; the file is untouched.", exitCode: 78)
        let diagnosis = DiagnosisTests.diagnosis(store: .failure(newer))
        #expect(finding(diagnosis, .database)?.message == "/a.sqlite has schema 99.")
        #expect(finding(diagnosis, .database)?.remedy == "Upgrade announce; the file is untouched.")
        #expect(diagnosis.exitCode == 78 && diagnosis.servers == 2)
        #expect(diagnosis.verdict.hasSuffix("because there is no database that can be used."))
    }

    @Test("Nobody leads: the remedy is to start the dispatcher")
    func leader() {
        let diagnosis = DiagnosisTests.diagnosis(store: .success(DiagnosisTests.store(leads: false)))
        #expect(finding(diagnosis, .leader)?.status == .problem && diagnosis.exitCode == 69)
        #expect(finding(diagnosis, .leader)?.remedy?.contains("announce run") == true)
        #expect(diagnosis.verdict.hasSuffix("because nobody dispatches."))
    }

    @Test("What the dispatcher complains of is told; that it cannot publish is a problem")
    func troubles() {
        func diagnosis(_ name: Trouble.Name) -> Diagnosis {
            let trouble = Trouble(name, since: Timestamp(seconds: 0), message: "Redis is away. Start it.")
            return DiagnosisTests.diagnosis(store: .success(DiagnosisTests.store(troubles: [trouble])))
        }
        #expect(finding(diagnosis(.publishing), .dispatcher)?.status == .problem)
        #expect(finding(diagnosis(.publishing), .dispatcher)?.remedy == "Start it.")
        #expect(finding(diagnosis(.pacing), .dispatcher)?.status == .warning && diagnosis(.pacing).isHeard)
        let differing = DiagnosisTests.diagnosis(store: .success(DiagnosisTests.store(differing: ["Europe/Berlin"])))
        #expect(finding(differing, .zonePlans)?.message.contains("Europe/Berlin") == true && differing.isHeard)
    }

    @Test(
        "A clock that differs by more than a second is a warning, by more than five a problem",
        arguments: [
            (0, 0, Finding.Status.ok), (-900, 0, .ok), (1_500, 0, .warning), (-6_000, 0, .problem), (6_000, 5_500, .ok),
        ]
    )
    func clock(_ skew: Int64, _ uncertainty: Int64, _ status: Finding.Status) {
        let diagnosis = DiagnosisTests.diagnosis(DiagnosisTests.site(skew: skew, uncertainty: uncertainty))
        #expect(finding(diagnosis, .clock)?.status == status)
        if status == .problem {
            #expect(finding(diagnosis, .clock)?.message.contains("6.0 s ahead of that of Redis") == true)
            #expect(
                diagnosis.verdict.contains("would not be heard at its time, because the clocks")
                    && diagnosis.exitCode == 69
            )
        }
    }

    @Test("A clock that may not be asked for is not known, and no more")
    func hiddenClock() {
        #expect(finding(DiagnosisTests.diagnosis(DiagnosisTests.site(skew: nil)), .clock)?.status == .ok)
    }

    @Test(
        "The age of zone data follows from the release's name",
        arguments: [("2026b", 8), ("2025a", 22), ("2019c", 90)]
    )
    func age(_ version: String, _ months: Int) {
        #expect(DoctorFacts.ageInMonths(ofZoneData: version, Timestamp(seconds: 1_795_651_200)) == months)
        #expect(DoctorFacts.ageInMonths(ofZoneData: "unknown", Timestamp(seconds: 1_795_651_200)) == nil)
    }

    @Test("Old zone data are a warning, none a problem")
    func zoneData() throws {
        let old = DiagnosisTests.diagnosis(zoneData: .success("2019c"))
        #expect(finding(old, .zoneData)?.status == .warning && old.isHeard)
        #expect(finding(old, .zoneData)?.remedy?.contains("tzdata") == true)
        let error = #expect(throws: ZoneError.self) {
            try ZoneLoader(folders: ["/nowhere"]).zone(named: "Europe/London")
        }
        let none = DiagnosisTests.diagnosis(zoneData: .failure(CommandFailure(try #require(error))))
        #expect(finding(none, .zoneData)?.remedy?.contains("Install tzdata") == true && none.exitCode == 65)
        #expect(finding(DiagnosisTests.diagnosis(zoneData: .success(nil)), .zoneData)?.status == .ok)
    }

    @Test("A replica takes no tokens and no entries; without them it is a warning")
    func replica() {
        let site = DiagnosisTests.site(RedisServerReport(version: "7.0.15", isReplica: true))
        #expect(DiagnosisTests.diagnosis(site).exitCode == 69)
        let plain = DiagnosisTests.diagnosis(site, publishOnce: .off)
        #expect(finding(plain, .redisServer)?.status == .warning && plain.isHeard)
    }

    @Test("A node of a cluster wants a URL of a cluster; an old Redis has no sharded channels")
    func redisServer() {
        let node = DiagnosisTests.diagnosis(
            DiagnosisTests.site(RedisServerReport(version: "7.0.15", isClusterNode: true))
        )
        #expect(finding(node, .redisServer)?.remedy?.contains("redis+cluster://") == true && !node.isHeard)
        let old = DiagnosisTests.diagnosis(
            DiagnosisTests.site(RedisServerReport(version: "6.2.1")),
            wire: .sharded(ShardedWire())
        )
        #expect(finding(old, .redisServer)?.message.contains("needs Redis 7") == true && !old.isHeard)
    }

    @Test("Any policy but noeviction is warned of, and so is a slow Redis")
    func eviction() {
        let report = RedisServerReport(version: "7.0.15", evictionPolicy: "allkeys-lru", maximumMemory: 1 << 30)
        let diagnosis = DiagnosisTests.diagnosis(DiagnosisTests.site(report, latency: .milliseconds(250)))
        #expect(finding(diagnosis, .eviction)?.status == .warning && diagnosis.isHeard)
        #expect(finding(diagnosis, .eviction)?.message.contains("allkeys-lru:") == true)
        #expect(finding(diagnosis, .latency)?.message.contains("250 ms") == true)
        let unknown = DiagnosisTests.diagnosis(DiagnosisTests.site(RedisServerReport(version: "7.0.15")))
        #expect(finding(unknown, .eviction)?.message.contains("not known") == true)
    }

    @Test("Who may not publish is told the rule of the ACL; tokens are needed only where they are required")
    func permissions() {
        let forbidden = RedisError(errorReply: "NOPERM this user has no permissions")
        func diagnosis(_ trial: PermissionTrial, _ policy: OnceEmitter.Policy = .auto) -> Diagnosis {
            DiagnosisTests.diagnosis(DiagnosisTests.site(permissions: [trial]), publishOnce: policy)
        }
        let publish = diagnosis(PermissionTrial(.publishing, "PUBLISH socket.io#/#", refusal: forbidden))
        #expect(finding(publish, .permissions)?.remedy == "Grant it: ACL SETUSER app '&socket.io#*' +publish.")
        #expect(publish.exitCode == 77 && publish.verdict.hasSuffix("because Redis' user may not publish."))
        let token = PermissionTrial(.tokens, "EVAL announce:once:*", refusal: forbidden)
        #expect(finding(diagnosis(token), .permissions)?.status == .warning && diagnosis(token).isHeard)
        #expect(finding(diagnosis(token), .permissions)?.remedy?.contains("~announce:once:* +eval") == true)
        #expect(diagnosis(token, .require).exitCode == 77)
        let readOnly = RedisError(errorReply: "READONLY You can't write against a read only replica.")
        #expect(diagnosis(PermissionTrial(.tokens, "SET announce:once:*", refusal: readOnly)).exitCode == 69)
    }

    // MARK: How it is shown

    @Test("Lines are wrapped to the terminal, indented behind the status, and coloured only there")
    func lines() {
        let site = DiagnosisTests.site(survey: DiagnosisTests.nobody())
        let diagnosis = DiagnosisTests.diagnosis(site)
        let wide = FindingsReport(diagnosis: diagnosis, width: nil, hasColour: false).lines
        #expect(wide.contains { $0.hasPrefix("problem  Nobody listens on this Redis") })
        #expect(wide.contains { $0.hasPrefix("         Most likely the servers use another Redis") })
        #expect(wide.last == diagnosis.verdict)
        let narrow = FindingsReport(diagnosis: diagnosis, width: 80, hasColour: false).lines
        #expect(narrow.allSatisfy { $0.count <= 80 } && narrow.count > wide.count)
        let coloured = FindingsReport(diagnosis: diagnosis, width: nil, hasColour: true).lines
        #expect(coloured.contains { $0.hasPrefix("\u{1B}[31mproblem  \u{1B}[0mNobody") })
        #expect(coloured.last == diagnosis.verdict)
    }

    @Test("A word that is longer than a line has one of its own", arguments: [(nil, 1), (3, 3), (100, 1)])
    func wrapping(_ width: Int?, _ count: Int) {
        let lines = wrapped("a redis-cli b", to: width)
        #expect(lines.count == count && lines.joined(separator: " ") == "a redis-cli b")
    }
}
