import Announce
import AnnounceTestKit
import Payload
import Recurrence

/// Zones made of their rules alone, so that no result depends on the zone data of the host.
enum SampleZone {
    static let berlin = zone("Europe/Berlin", rule: "CET-1CEST,M3.5.0,M10.5.0/3")
    static let newYork = zone("America/New_York", rule: "EST5EDT,M3.2.0,M11.1.0")
    static let saoPaulo = zone("America/Sao_Paulo", rule: "<-03>3")
    /// Its clocks go forward by a whole day on 1 December at 00:00, and back on 1 February.
    static let dayLost = zone("Pacific/Lost", rule: "AAA12BBB-12,334/0,31/0")

    /// A zone from a TZif file (RFC 9636) without transitions: two headers, one type in each, and the rule in the footer.
    private static func zone(_ name: String, rule: String) -> Zone {
        let header = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 31) + [0, 0, 0, 1, 0, 0, 0, 4]
        let block = header + [0, 0, 0, 0, 0, 0] + Array("LMT\0".utf8)
        return (try? Zone(identifier: name, tzif: block + block + Array("\n\(rule)\n".utf8))) ?? .utc
    }
}

extension Timestamp {
    /// An instant from RFC 3339.
    init(_ text: String) throws {
        let rule = try TimeExpression(text).resolve(now: .min, in: .utc).rule
        guard case .instant(let instant) = rule else { throw AnnounceError(.invalidValue, "\(text) is no instant") }
        self = instant
    }
}

extension NoticeContext {
    /// Notice `phase` of a window that starts in the morning and lasts two hours, sent 15 minutes before it.
    static func sample(_ phase: String = "lead 15m", ahead: Int64 = 900_000, zone: Zone = SampleZone.berlin) -> Self {
        NoticeContext(
            id: 42,
            revision: 3,
            name: "db-upgrade",
            phase: Phase(rawValue: phase),
            anchor: .morning,
            end: .morning + 7_200_000,
            nominal: .morning - ahead,
            now: .morning - ahead,
            ordinal: 5,
            zone: zone
        )
    }
}

/// The first argument of a notice, which is a string.
func rendered(
    _ text: String,
    _ style: MessageStyle = MessageStyle(),
    in context: NoticeContext = .sample()
) throws -> String {
    let data = EventData(event: "announcement", arguments: [.string(text)])
    guard case .string(let words)? = try MessageRenderer(data, style).render(in: context).arguments().first else {
        throw AnnounceError(.invalidValue, "The first argument is not a string.")
    }
    return words
}

/// The message of the error with which compiling fails.
func refusal(_ arguments: [PayloadValue], _ style: MessageStyle = MessageStyle()) -> AnnounceError? {
    do throws(AnnounceError) {
        _ = try MessageRenderer(EventData(event: "announcement", arguments: arguments), style)
        return nil
    } catch { return error }
}
