import Announce
import Recurrence
import SocketIOEmitter
import Testing

@testable import AnnounceCLI

/// What follows from what `doctor` has found out, without any Redis.
@Suite struct DiagnosisTests {
    typealias Group = ServerSurvey.Group

    static let heard = ServerSurvey(
        servers: 2,
        groups: [Group(.classic, prefix: "socket.io", namespace: "/", servers: 2)]
    )

    static func status(_ troubles: [Trouble] = []) -> StoreStatus {
        StoreStatus(
            lease: Lease(term: 1, counter: 1, holder: "web-1 process 7 (1/2)", renewed: Timestamp(seconds: 0)),
            pending: 3,
            overdue: 1,
            inFlight: 0,
            troubles: troubles,
            nextDue: nil,
            outcomes: [:],
            bytes: 0
        )
    }

    static func store(
        leads: Bool = true,
        troubles: [Trouble] = [],
        differing: [String] = []
    ) -> DoctorFacts.Store {
        DoctorFacts.Store(
            path: "/a.sqlite",
            schema: 5,
            status: status(troubles),
            leads: leads,
            differingZones: differing
        )
    }

    static func site(
        _ report: RedisServerReport = RedisServerReport(
            version: "7.0.15",
            isReplica: false,
            isClusterNode: false,
            evictionPolicy: "noeviction",
            maximumMemory: 0
        ),
        skew: Int64? = 0,
        uncertainty: Int64 = 0,
        latency: Duration = .milliseconds(1),
        permissions: [PermissionTrial] = [PermissionTrial(.publishing, "PUBLISH socket.io#/#")],
        survey: ServerSurvey = heard
    ) -> DoctorFacts.Site {
        DoctorFacts.Site(
            reports: [report],
            skew: skew.map { DoctorFacts.Skew(milliseconds: $0, uncertainty: uncertainty) },
            latency: latency,
            permissions: .success(permissions),
            survey: .success(survey)
        )
    }

    /// The diagnosis of facts that are as they should be, but for what is given.
    static func diagnosis(
        _ site: DoctorFacts.Site = site(),
        wire: Wire = .classic(ClassicWire()),
        namespace: String = "/",
        publishOnce: OnceEmitter.Policy = .auto,
        zoneData: Result<String?, CommandFailure> = .success("2026b"),
        store: Result<DoctorFacts.Store, CommandFailure> = .success(store())
    ) -> Diagnosis {
        Diagnosis(
            DoctorFacts(
                wire: wire,
                namespace: namespace,
                publishOnce: publishOnce,
                place: "redis://app:***@10.0.0.5:6379/0",
                isCluster: false,
                user: "app",
                now: Timestamp(seconds: 1_795_651_200),  // 2026-11-25
                zone: .utc,
                zoneData: zoneData,
                store: store,
                site: .success(site)
            )
        )
    }

    static func nobody(
        _ groups: Group...,
        streams: [ServerSurvey.Stream] = [],
        readers: [Int: Int]? = [:]
    ) -> ServerSurvey {
        ServerSurvey(servers: 0, groups: groups, streams: streams, readers: readers)
    }

    private func expectProblem(
        _ diagnosis: Diagnosis,
        _ check: Finding.Check,
        says message: String,
        remedy: String,
        exitCode: Int32 = 69,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let found = diagnosis.findings.filter { $0.status == .problem }
        #expect(found.map(\.check) == [check], sourceLocation: location)
        #expect(found.first?.message.contains(message) == true, "\(found)", sourceLocation: location)
        #expect(found.first?.remedy?.contains(remedy) == true, "\(found)", sourceLocation: location)
        #expect(diagnosis.exitCode == exitCode && !diagnosis.isHeard, sourceLocation: location)
    }

    private func expectWarning(
        _ diagnosis: Diagnosis,
        _ check: Finding.Check,
        says message: String,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let found = diagnosis.findings.filter { $0.status == .warning }
        #expect(found.map(\.check) == [check], sourceLocation: location)
        #expect(found.first?.message.contains(message) == true, "\(found)", sourceLocation: location)
        #expect(diagnosis.isHeard && diagnosis.exitCode == 0, sourceLocation: location)
    }

    @Test("Where all is well every check says ok, and so does the verdict")
    func healthy() {
        let diagnosis = Self.diagnosis()
        #expect(diagnosis.findings.allSatisfy { $0.status == .ok && $0.remedy == nil })
        let checks: [Finding.Check] = [
            .database, .leader, .zoneData, .clock, .redis, .eviction, .latency, .permissions, .servers,
        ]
        #expect(diagnosis.findings.map(\.check) == checks)
        #expect(diagnosis.isHeard && diagnosis.exitCode == 0 && diagnosis.servers == 2)
        #expect(diagnosis.verdict == "An announcement to namespace / would be heard by 2 servers.")
    }

    // MARK: Servers that are there in another way

    @Test("Another prefix is named, and what to give")
    func prefix() {
        let survey = Self.nobody(Group(.classic, prefix: "chat", namespace: "/", servers: 2))
        let diagnosis = Self.diagnosis(Self.site(survey: survey))
        expectProblem(diagnosis, .servers, says: "prefix socket.io", remedy: "--prefix chat.")
        #expect(
            diagnosis.verdict
                == "Nobody would hear an announcement to namespace /, because the servers have the prefix chat and not socket.io."
        )
        let channel = Self.nobody(Group(.python, prefix: "flask-socketio", namespace: nil, servers: 1))
        let python = Self.diagnosis(Self.site(survey: channel), wire: .python(PythonWire()))
        expectProblem(python, .servers, says: "channel socketio", remedy: "--prefix flask-socketio.")
    }

    @Test("Other namespaces are named")
    func namespace() {
        let survey = Self.nobody(
            Group(.classic, prefix: "chat", namespace: "/shop", servers: 1),
            Group(.classic, prefix: "socket.io", namespace: "/", servers: 2),
            Group(.classic, prefix: "socket.io", namespace: "/admin", servers: 1)
        )
        let diagnosis = Self.diagnosis(Self.site(survey: survey), namespace: "/shop")
        expectProblem(
            diagnosis,
            .servers,
            says:
                "No server has namespace /shop: on the classic wire with prefix socket.io, / has 2 servers and /admin has 1 server.",
            remedy: "--namespace /"
        )
    }

    @Test(
        "Another wire is named, with the options that it takes",
        arguments: [
            (Group(.sharded, prefix: "socket.io", namespace: "/", servers: 3), "--wire sharded."),
            (Group(.streams, prefix: "chat", namespace: "/", servers: 1), "--wire streams --prefix chat."),
            (Group(.sharded, prefix: "socket.io", namespace: "/a", servers: 1), "--wire sharded --namespace /a."),
            (Group(.python, prefix: "socketio", namespace: nil, servers: 1), "--wire python."),
            (Group(.python, prefix: "flask-socketio", namespace: nil, servers: 1), "--prefix flask-socketio."),
        ]
    )
    func wire(_ group: Group, _ options: String) {
        let diagnosis = Self.diagnosis(Self.site(survey: Self.nobody(group)))
        expectProblem(diagnosis, .servers, says: "No server listens on the classic wire", remedy: options)
    }

    @Test("Servers in several other ways: the likeliest first, which is that of the same prefix and namespace")
    func several() {
        let chat = Group(.classic, prefix: "chat", namespace: "/", servers: 1)
        let sharded = Group(.sharded, prefix: "socket.io", namespace: "/", servers: 1)
        let python = Group(.python, prefix: "socketio", namespace: nil, servers: 1)
        let wire = Self.diagnosis(Self.site(survey: Self.nobody(chat, sharded)))
        expectProblem(
            wire,
            .servers,
            says:
                "On others there is 1 server on the sharded wire (prefix socket.io, namespace /). No server listens with the",
            remedy: "Give the servers' own: --wire sharded. Or else: --prefix chat."
        )
        #expect(wire.verdict.hasSuffix("on the sharded wire and not on the classic wire."))
        let prefix = Self.diagnosis(Self.site(survey: Self.nobody(chat, python)))
        let remedy = "Give the servers' own: --prefix chat. Or else: --wire python."
        expectProblem(prefix, .servers, says: "prefix chat, namespace / (1 server)", remedy: remedy)
    }

    @Test("Servers of an old streams adapter are known by their stream")
    func oldStreams() {
        let survey = Self.nobody(streams: [.init("chat", database: 2, namespaces: ["/"])])
        expectProblem(
            Self.diagnosis(Self.site(survey: survey)),
            .servers,
            says: "the stream chat in database 2",
            remedy: "--wire streams --stream chat, and /2 at the end"
        )
    }

    @Test("For streams: another database, whether its readers or only its stream can be seen, and another stream")
    func streams() {
        let wire = Wire.streams(StreamsWire())
        let group = Group(.streams, prefix: "socket.io", namespace: "/", servers: 1)
        let readers = Self.site(survey: Self.nobody(group, readers: [3: 1]))
        expectProblem(
            Self.diagnosis(readers, wire: wire),
            .servers,
            says: "1 client reads some in database 3",
            remedy: "/3"
        )
        let stream = ServerSurvey.Stream("socket.io", database: 4, namespaces: ["/"])
        let unseen = Self.site(survey: Self.nobody(group, streams: [stream], readers: nil))
        expectProblem(Self.diagnosis(unseen, wire: wire), .servers, says: "the stream is in database 4", remedy: "/4")
        let other = ServerSurvey.Stream("chat", database: 0, namespaces: ["/"])
        let named = Self.site(survey: Self.nobody(group, streams: [other], readers: [0: 1]))
        expectProblem(Self.diagnosis(named, wire: wire), .servers, says: "are in chat", remedy: "--stream chat")
    }

    @Test("Nobody at all: another Redis, or servers without the adapter; a listener of announce is none")
    func nobody() {
        let empty = Self.diagnosis(Self.site(survey: Self.nobody()))
        expectProblem(empty, .servers, says: "Nobody listens on this Redis", remedy: "PUBSUB CHANNELS '*'")
        #expect(empty.findings.last?.remedy?.contains("use another Redis, or have no Redis adapter") == true)
        var listening = Self.nobody()
        listening.listeners = 1
        let diagnosis = Self.diagnosis(Self.site(survey: listening))
        expectProblem(diagnosis, .servers, says: "Nobody but `announce listen`", remedy: "another Redis")
        #expect(diagnosis.findings.last?.check == .listeners)
    }

    @Test("What cannot be counted is counted by what was published, and else not known")
    func unknown() {
        var hidden = Self.heard
        hidden.servers = nil
        let tried = [PermissionTrial(.publishing, "PUBLISH socket.io#/#", receivers: 1)]
        #expect(Self.diagnosis(Self.site(permissions: tried, survey: hidden)).verdict.contains("by 1 server."))
        let diagnosis = Self.diagnosis(Self.site(survey: hidden))
        expectProblem(diagnosis, .servers, says: "cannot be known", remedy: "+pubsub", exitCode: 77)
        #expect(diagnosis.servers == nil)
    }

    @Test("Beside a stream, what looks like servers of the sharded adapter may be such of streams")
    func shardedStreams() {
        let group = Group(.sharded, prefix: "socket.io", namespace: "/", servers: 1)
        var survey = ServerSurvey(servers: 1, groups: [group], readers: [0: 1])
        let wire = Wire.sharded(ShardedWire())
        #expect(Self.diagnosis(Self.site(survey: survey), wire: wire).findings.last?.status == .ok)
        survey.streams = [.init("chat", database: 0, namespaces: ["/"])]
        let diagnosis = Self.diagnosis(Self.site(survey: survey), wire: wire)
        expectWarning(diagnosis, .servers, says: "useShardedPubSub")
        #expect(diagnosis.findings.last?.remedy == "If they are such, give --wire streams --stream chat.")
    }

    @Test("Servers on other wires are told of, and the two kinds that must not share a prefix")
    func others() {
        var survey = Self.heard
        survey.groups.append(Group(.sharded, prefix: "socket.io", namespace: "/", servers: 1))
        expectWarning(Self.diagnosis(Self.site(survey: survey)), .otherServers, says: "1 server on the sharded wire")
        survey.groups.append(Group(.streams, prefix: "socket.io", namespace: "/", servers: 1))
        expectWarning(Self.diagnosis(Self.site(survey: survey)), .otherServers, says: "ends the former")
    }
}
