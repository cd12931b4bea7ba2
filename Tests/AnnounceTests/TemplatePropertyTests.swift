import Announce
import AnnounceTestKit
import Mustache
import Payload
import Recurrence
import Testing

struct TemplatePropertyTests {
    static let seeds: [UInt64] = [1, 20_261_124, UInt64.random(in: 0...UInt64.max)]
    static let pieces = [
        "{{", "}}", "{{{", "}}}", "{", "}", "{{id}}", "{{#lateBy}}", "{{/lateBy}}", "{{^name}}", "{{/name}}", "{{!",
        "{{>x}}",
        "{{=<% %>=}}", "{{text}}", "{{startsIn}}", "{{x}}", " ", "\n", "\r\n", "\u{0}", "\u{301}", "👩‍👩‍👧", "id", "#", "/",
        "&", "^",
        "\u{FEFF}", "(", ")", ".", "%", "$", "<", "\t",
    ]

    @Test(arguments: seeds)
    func `a random template is rendered or refused`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var accepted = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...8, using: &random)
            let text = (0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
            let kind = NoticeKind.allCases.randomElement(using: &random) ?? .start
            let style = MessageStyle(
                form: Bool.random(using: &random) ? .arguments : .maintenance,
                isTemplate: Int.random(in: 0..<8, using: &random) > 0,
                isWindow: Bool.random(using: &random),
                texts: Bool.random(using: &random) ? [:] : [kind: text]
            )
            let data = EventData(event: "e", arguments: [.string(text), ["a": [.string(text)]]])
            guard let renderer = try? MessageRenderer(data, style) else { continue }
            accepted += 1
            let message = try renderer.render(in: .sample(kind.rawValue))
            if renderer.isConstant {
                #expect(message.messagePack() == data.messagePack(), "seed \(seed)")
                let other = try renderer.render(in: .sample("manual", ahead: 1, zone: .utc))
                #expect(other.messagePack() == data.messagePack(), "seed \(seed)")
            }
        }
        #expect(accepted > 2_000)
    }

    @Test func `a message without anything to render goes out byte by byte`() throws {
        let json = Array(#"[ "Caf\u00e9 { } }}" , {"b":1.0, "a":12345678901234567890} ]"#.utf8)
        let packed = EventData(event: "e", arguments: ["Café { } }}", ["b": 1, "a": 2]]).messagePack()
        let stored = EventData(event: "e", encodedArguments: json, messagePack: packed)
        for style in [MessageStyle(), MessageStyle(isTemplate: false), MessageStyle(hasText: false, isWindow: true)] {
            let renderer = try MessageRenderer(stored, style)
            #expect(renderer.isConstant)
            #expect(try renderer.render(in: .sample()) == stored)
        }
        #expect(try !MessageRenderer(stored, MessageStyle(isWindow: true)).isConstant)
        #expect(try !MessageRenderer(stored, MessageStyle(texts: [.end: "x"])).isConstant)
        #expect(try !MessageRenderer(stored, MessageStyle(form: .maintenance)).isConstant)
    }

    /// Random nestings, in a line and of whole lines.
    ///
    /// swift-mustache loses track of the line behind a section that begins inside one and ends on another, so there are
    /// none of those.
    @Test(arguments: seeds)
    func `another implementation of Mustache says the same`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let values = ["id": "42", "phase": "lead", "count": "5", "startsIn": "15 minutes"]
        for _ in 0..<3_000 {
            let template = randomLines(0, using: &random) + "."
            let theirs = try MustacheTemplate(string: template).render(values)
            let ours = try rendered(template)
            #expect(Array(ours.utf8) == Array(theirs.utf8), "seed \(seed): \(template.debugDescription)")
        }
    }

    private func randomLines(_ depth: Int, using random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let newline = Bool.random(using: &random) ? "\n" : "\r\n"
            let indent = ["", "", "  ", "\t"].randomElement(using: &random) ?? ""
            if depth < 4, Bool.random(using: &random) {
                let (opening, closing) = randomSection(using: &random)
                let lines = randomLines(depth + 1, using: &random)
                text += indent + opening + newline + lines + indent + closing + " " + newline
            } else {
                text += indent + randomLine(depth, using: &random) + newline
            }
        }
        return text
    }

    private func randomLine(_ depth: Int, using random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let (opening, closing) = randomSection(using: &random)
            let name = String(opening.dropFirst(3).dropLast(2))
            let pieces = [
                "{{\(name)}}", "{{{ \(name) }}}", "{{& \(name)}}", "{{! a comment }}", " ", " x ", "{ }", "é🎉", "}}",
            ]
            if depth < 4, Int.random(in: 0..<3, using: &random) == 0 {
                text += opening + randomLine(depth + 1, using: &random) + closing
            } else {
                text += pieces.randomElement(using: &random) ?? ""
            }
        }
        return text
    }

    private func randomSection(using random: inout SeededGenerator) -> (opening: String, closing: String) {
        let name = ["id", "lateBy", "phase", "count", "startsIn"].randomElement(using: &random) ?? "id"
        return ("{{\(Bool.random(using: &random) ? "#" : "^")\(name)}}", "{{/\(name)}}")
    }

    @Test(
        arguments: [
            ("{{#id}}", 70_000, "{{/id}}", 70_000, 0), ("{{id}}", 170_000, "", 0, 340_000),
            ("{{! }}", 170_000, "", 0, 0),
            ("   {{!}}\n", 110_000, "", 0, 0), (" ", 1_000_000, "{{id}}", 1, 1_000_002),
            ("{{id}}", 1, "}", 1_000_000, 1_000_002), ("x\n", 500_000, "{{^id}}\n{{/id}}\n", 1, 1_000_000),
        ] as [(String, Int, String, Int, Int)]
    )
    func `a megabyte of tags is rendered in one pass`(
        opening: String,
        openings: Int,
        closing: String,
        closings: Int,
        length: Int
    ) throws {
        let template = String(repeating: opening, count: openings) + String(repeating: closing, count: closings)
        #expect(try rendered(template).utf8.count == length)
    }

    @Test(
        arguments: [
            ("{", 1_000_000, ""), ("{{#id}}", 140_000, ""), ("x", 1_000_000, "{{"), ("x\n", 500_000, "{{x}}"),
            ("{{id}}", 100_000, "{{/id}}"),
        ] as [(String, Int, String)]
    )
    func `a megabyte of nonsense is refused in one short message`(piece: String, count: Int, end: String) {
        let error = refusal([.string(String(repeating: piece, count: count) + end)])
        #expect((error?.message.utf8.count ?? .max) < 400)
        let tag = refusal([.string("{{" + String(repeating: piece, count: count) + "}}")])
        #expect((tag?.message.utf8.count ?? .max) < 400)
    }

    @Test func `what grows beyond the limit when it is rendered is refused before it fills the memory`() throws {
        let long = String(repeating: "x", count: 500_000)
        let many = String(repeating: "{{text}}", count: 50_000)
        for arguments: [PayloadValue] in [
            [.string(long), .string(many)], [.string(long), .string(long), "{{text}}{{text}}"],
        ] {
            let renderer = try MessageRenderer(EventData(event: "e", arguments: arguments), MessageStyle())
            let error = #expect(throws: AnnounceError.self) { try renderer.render(in: .sample()) }
            #expect(error?.code == .invalidValue)
        }
        let edge = EventData(event: "e", arguments: [.string(long), .string(long), .string(long + "{{id}}")])
        let error = #expect(throws: AnnounceError.self) {
            try MessageRenderer(edge, MessageStyle()).render(in: .sample())
        }
        #expect(error?.message.contains("bytes") == true)
    }

    @Test func `deeply nested JSON is rendered`() throws {
        var value: PayloadValue = "{{id}}"
        for _ in 0..<PayloadValue.maximumJSONDepth / 2 { value = ["a": [value]] }
        let renderer = try MessageRenderer(EventData(event: "e", arguments: [value]), MessageStyle(hasText: false))
        let text = String(decoding: try renderer.render(in: .sample()).json(), as: UTF8.self)
        #expect(text.contains(#"["42"]"#))
    }
}
