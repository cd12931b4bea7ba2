import Announce
import AnnounceTestKit
import Payload
import Recurrence
import Testing

struct TemplatePhaseTests {
    static let window = MessageStyle(isWindow: true)

    @Test(arguments: [
        ("lead 15m", NoticeKind.lead), ("lead", .lead), ("start", .start), ("end", .end), ("extended#7", .extended),
        ("moved#2", .moved), ("cancelled", .cancelled), ("manual", .manual), ("", nil), ("leader", nil), ("moon", nil),
    ])
    func `the kind of a phase is its first word`(phase: String, kind: NoticeKind?) {
        #expect(NoticeKind(Phase(rawValue: phase)) == kind)
    }

    @Test(arguments: [
        ("Maintenance", "lead 15m", "Maintenance: in 15 minutes"), ("Maintenance", "start", "Maintenance now"),
        ("Maintenance", "end", "Maintenance is over"), ("Maintenance", "cancelled", "Maintenance cancelled"),
        ("Maintenance", "extended#7", "Maintenance extended until Tue 1 Dec 12:00 CET"),
        ("Maintenance", "moved#2", "Maintenance moved to Tue 1 Dec 10:00 CET"),
        ("Maintenance", "manual", "Maintenance"),
        ("We restart!", "lead 15m", "We restart! In 15 minutes."), ("We restart.", "start", "We restart. Now."),
        ("Ready?", "end", "Ready? It is over."), ("We restart!", "cancelled", "We restart! Cancelled."),
        ("We restart!", "extended#7", "We restart! Extended until Tue 1 Dec 12:00 CET."),
        ("We restart!", "moved#2", "We restart! Moved to Tue 1 Dec 10:00 CET."),
        ("We restart! ", "manual", "We restart! "),
        ("“We restart.”", "start", "“We restart.” Now."), ("メンテナンス。", "start", "メンテナンス。 Now."),
        ("Maintenance: ", "lead 15m", "Maintenance: in 15 minutes"), ("Maintenance:", "end", "Maintenance is over"),
        ("Upgrade (v2)", "start", "Upgrade (v2) now"), ("Upgrade 🔧", "end", "Upgrade 🔧 is over"),
        ("", "lead 15m", "In 15 minutes"), (" ", "end", "It is over"), ("Job {{id}}", "end", "Job 42 is over"),
    ])
    func `each phase of a window has a text`(text: String, phase: String, expected: String) throws {
        #expect(try rendered(text, Self.window, in: .sample(phase)) == expected)
        #expect(try rendered(text, in: .sample(phase)) == rendered(text, Self.window, in: .sample("manual")))
    }

    @Test func `the words follow what is known`() throws {
        var context = NoticeContext.sample("lead 15m", ahead: 0)
        #expect(try rendered("Maintenance", Self.window, in: context) == "Maintenance now")
        context.now = context.now - 300_000
        #expect(try rendered("Maintenance", Self.window, in: context) == "Maintenance: in 5 minutes")
        context.end = nil
        context.phase = Phase(rawValue: "extended#3")
        #expect(try rendered("Maintenance", Self.window, in: context) == "Maintenance extended")
        context.phase = Phase(rawValue: "moon")
        #expect(throws: AnnounceError.self) { try rendered("Maintenance", Self.window, in: context) }
    }

    @Test func `without templates braces stay, and the phases still speak`() throws {
        let style = MessageStyle(isTemplate: false, isWindow: true, texts: [.end: "{{text}} {{#x}}"])
        #expect(try rendered("Hi {{user}}", style) == "Hi {{user}}: in 15 minutes")
        #expect(try rendered("Hi {{user}}", style, in: .sample("end")) == "{{text}} {{#x}}")
    }

    @Test func `a text of one's own replaces the whole, for windows and plain announcements`() throws {
        let texts: [NoticeKind: String] = [.start: "{{text}} begins, until {{endsAt}}.", .end: ""]
        for isWindow in [true, false] {
            let style = MessageStyle(isWindow: isWindow, texts: texts)
            let start = try rendered("Job {{id}}", style, in: .sample("start"))
            #expect(start == "Job 42 begins, until Tue 1 Dec 12:00 CET.")
            #expect(try rendered("Job", style, in: .sample("end")).isEmpty)
        }
        #expect(try rendered("Job", MessageStyle(texts: texts), in: .sample("manual")) == "Job")
    }

    @Test func `a maintenance notice is an object, then what else was given`() throws {
        let data = EventData(event: "maintenance", arguments: ["Job {{id}}", ["when": "{{startsIn}}, {{text}}"]])
        let renderer = try MessageRenderer(data, MessageStyle(form: .maintenance, isWindow: true))
        #expect(!renderer.isConstant)
        var context = NoticeContext.sample()
        context.now = context.now + 499
        let lead = try renderer.render(in: context)
        #expect(
            String(decoding: try lead.json(), as: UTF8.self)
                == #"["maintenance",{"phase":"lead","text":"Job 42: in 15 minutes","#
                + #""startsAt":"2026-12-01T10:00:00.000+01:00","endsAt":"2026-12-01T12:00:00.000+01:00","#
                + #""startsInSeconds":900,"id":42,"revision":3},{"when":"15 minutes, Job 42"}]"#
        )
        context.phase = .start
        context.now = context.anchor + 60_000
        context.end = nil
        context.zone = .utc
        let plain = try MessageRenderer(
            EventData(event: "maintenance", arguments: ["Job {{id}}"]),
            MessageStyle(form: .maintenance, isTemplate: false)
        )
        #expect(
            String(decoding: try plain.render(in: context).json(), as: UTF8.self)
                == #"["maintenance",{"phase":"start","text":"Job {{id}}","startsAt":"2026-12-01T09:00:00.000Z","#
                + #""endsAt":null,"startsInSeconds":0,"id":42,"revision":3}]"#
        )
    }
}
