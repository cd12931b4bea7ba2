import Announce
import AnnounceTestKit
import Payload
import Recurrence
import Testing

@Suite struct RuleCodingTests {
    @Test(
        "Rules are read back from their JSON",
        arguments: [
            (#"{"kind":"instant","at":"2026-12-01T09:00:00.001Z"}"#, Rule.instant(.morning + 1)),
            (#"{"kind":"wall","at":"2026-12-01T09:00:00"}"#, .wall(try! CivilDateTime("2026-12-01T09:00:00"))),
            (
                #"{"kind":"interval","everySeconds":900,"from":"2026-12-01T09:00:00.000Z"}"#,
                .interval(try! Interval(every: 900_000, anchor: .morning))
            ),
            (
                #"{"kind":"interval","everySeconds":1.5,"from":"2026-12-01T09:00:00.000Z"}"#,
                .interval(try! Interval(every: 1_500, anchor: .morning))
            ),
        ]
    )
    func roundTrip(_ text: String, _ rule: Rule) throws {
        #expect(try rule.json.jsonText() == text)
        #expect(try Rule(json: PayloadValue(json: text)) == rule)
    }

    @Test(
        "A rule of a version to come is refused, not guessed",
        arguments: [
            #"{"kind":"moon","at":"full"}"#, #"{"kind":"instant","at":"soon"}"#, #"{"kind":"wall"}"#, "[]", "1",
            #"{"kind":"interval","everySeconds":0,"from":"2026-12-01T09:00:00.000Z"}"#,
            #"{"kind":"interval","everySeconds":1e300,"from":"2026-12-01T09:00:00.000Z"}"#,
        ]
    )
    func refused(_ text: String) throws {
        let error = #expect(throws: AnnounceError.self) { try Rule(json: PayloadValue(json: text)) }
        #expect(error?.code == .storeSchema)
    }
}
