import Announce
import AnnounceTestKit
import Payload
import Recurrence
import Testing

struct TemplateLanguageTests {
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("{ } }} }}} {x", "{ } }} }}} {x"),
        ("{{id}} {{ id }} {{{id}}} {{{ id }}} {{&id}} {{& id }}", "42 42 42 42 42 42"),
        ("{{phase}} {{count}} {{revision}} {{name}} {{zone}}", "lead 5 3 db-upgrade Europe/Berlin"),
        ("{{#name}}{{#id}}a{{/id}}{{^id}}b{{/id}}{{/name}}{{^name}}c{{/name}}", "a"),
        ("{{# lateBy }}x{{/ lateBy }}{{^lateBy}}y{{/lateBy}}", "y"), ("a{{! <b> {{x ! }}b", "ab"), ("{{! only }}", ""),
        ("{{\nid\n}}", "42"), ("{{id}}}", "42}"), ("{{{id}}}}", "42}"), ("{x{{id}}y}", "{x42y}"), ("a {", "a {"),
        ("<b>&\"'{{id}}</b>", "<b>&\"'42</b>"), ("\u{0}\u{7}\u{1B}{{id}}\u{2028}", "\u{0}\u{7}\u{1B}42\u{2028}"),
        ("👩‍👩‍👧{{id}}🇩🇪e\u{301}", "👩‍👩‍👧42🇩🇪e\u{301}"), ("{{id}}\u{301}", "42\u{301}"),
        // Tags that stand alone on a line take it with them, as in the Mustache specification.
        ("a\n{{#id}}\nb\n{{/id}}\nc", "a\nb\nc"), ("a\r\n  {{^id}}\t\r\nb\r\n{{/id}}\r\nc", "a\r\nc"),
        ("  {{! note }}  \nx", "x"), ("x\n {{! note }} ", "x\n"), ("x {{! note }}\ny", "x \ny"),
        ("{{#id}} {{/id}}\nx", " \nx"), ("  {{id}}\n", "  42\n"),
    ])
    func `a template is rendered`(template: String, expected: String) throws {
        let text = try rendered(template)
        #expect(Array(text.utf8) == Array(expected.utf8))
    }

    @Test(arguments: [
        ("{{startIn}}", "Did you mean {{startsIn}}?"), ("{{starts_in}}", "Did you mean {{startsIn}}?"),
        ("{{ENDSAT}}", "Did you mean {{endsAt}}?"), ("{{nmae}}", "Did you mean {{name}}?"),
        ("{{#zoen}}", "Did you mean {{zone}}?"), ("{{user.name}}", "The variables are count, endsAt, id,"),
        ("{{.}}", "There is no variable \".\""), ("{{}}", "There is no variable \"\""),
        ("{{text}}", "cannot be part of it"), ("{{id", "does not end. Write }}"), ("{{", "does not end"),
        ("{{{id}}", "three braces"), ("{{{id}} }", "three braces"), ("{{! x", "does not end"),
        ("{{#id}}x", "Write {{/id}} where it ends"), ("x{{/id}}", "Write {{#id}} before it"),
        ("{{#id}}{{#name}}{{/id}}{{/name}}", "Write {{/name}} first"), ("{{>x}}", "insert another template"),
        ("{{ > x }}", "insert another template"), ("{{<x}}{{/x}}", "inherit"), ("{{$x}}{{/x}}", "inherit"),
        ("{{=<% %>=}}", "delimiters"), ("{{%CONTENT_TYPE:HTML}}", "pragma"), ("{{uppercased(name)}}", "transform"),
        ("{{#reversed(name)}}{{/reversed(name)}}", "transform"), ("{{id\u{301}}}", "There is no variable"),
        ("{{\u{1B}[2J}}", "There is no variable \" [2J\""),
    ])
    func `what is not understood is refused when it is entered`(template: String, remedy: String) {
        let error = refusal([.string(template)])
        #expect(error?.code == .invalidValue)
        #expect(error?.message.contains(remedy) == true, "\(error?.message ?? "accepted")")
        #expect(error?.message.hasPrefix("TEXT, line 1, column ") == true)
        #expect(error?.message.hasSuffix("as they are with --no-template.") == true)
        #expect(refusal([.string(template)], MessageStyle(isTemplate: false, isWindow: true)) == nil)
        #expect(refusal([.string(template)], MessageStyle(isTemplate: false)) == nil)
    }

    @Test func `an error says where it is`() throws {
        #expect(
            refusal(["a\né{{startIn}}"])?.message
                == "TEXT, line 2, column 2: There is no variable \"startIn\". Did you mean {{startsIn}}? "
                + "Braces that are meant for the clients are sent as they are with --no-template."
        )
        let nested: PayloadValue = [1, ["items": [nil, ["title": "{{x}}"]]]]
        #expect(refusal(["a", 0, nested])?.message.hasPrefix("Argument 3, at [1].items[1].title, line 1") == true)
        let json = MessageStyle(hasText: false)
        #expect(refusal([nested], json)?.message.hasPrefix("Argument 1, at [1].items[1].title, line 1") == true)
        #expect(refusal(["{{text}}"], json)?.message.contains("there is no TEXT") == true)
        let own = MessageStyle(texts: [.start: "{{x}}", .lead: "ok {{text}}", .end: "{{y}}"])
        #expect(refusal(["a"], own)?.message.hasPrefix("The text for start, line 1, column 1: ") == true)
        #expect(refusal([1], MessageStyle(isWindow: true))?.message.contains("Give TEXT first") == true)
        #expect(refusal([], MessageStyle(hasText: false, texts: [.end: "x"]))?.message.contains("text for end") == true)
        #expect(
            refusal([], MessageStyle(form: .maintenance, hasText: false))?.message.contains("Give it a TEXT") == true
        )
    }

    @Test func `strings inside JSON are templates, keys and everything else are not`() throws {
        let arguments: [PayloadValue] = [
            "{{count}}", ["{{id}}": "{{name}}", "9": [1.5, nil, true, "{{text}}!", ["z": .binary([0x7B, 0x7B])]]], "{",
        ]
        let expected: [PayloadValue] = [
            "5", ["{{id}}": "db-upgrade", "9": [1.5, nil, true, "5!", ["z": .binary([0x7B, 0x7B])]]], "{",
        ]
        let renderer = try MessageRenderer(EventData(event: "e", arguments: arguments), MessageStyle())
        #expect(try renderer.render(in: .sample()) == EventData(event: "e", arguments: expected))
        let off = try MessageRenderer(EventData(event: "e", arguments: arguments), MessageStyle(isTemplate: false))
        #expect(off.isConstant)
    }

    @Test func `stored bytes are rendered like values`() throws {
        let values = EventData(event: "e", arguments: ["{{id}}", ["a": "{{phase}}"]])
        let json = Array(#"["{{id}}",{"a":"\u007b{phase}}"}]"#.utf8)
        let stored = EventData(event: "e", encodedArguments: json, messagePack: values.messagePack())
        let message = try MessageRenderer(stored, MessageStyle()).render(in: .sample())
        #expect(message == EventData(event: "e", arguments: ["42", ["a": "lead"]]))
        let damaged = EventData(event: "e", encodedArguments: [0x5B], messagePack: values.messagePack())
        #expect(throws: AnnounceError.self) { try MessageRenderer(damaged, MessageStyle()) }
    }
}
