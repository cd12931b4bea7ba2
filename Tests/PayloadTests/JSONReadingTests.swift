import Payload
import Testing

@Suite struct JSONReadingTests {
    @Test func `accepted texts are read as JavaScript reads them`() throws {
        for row in try Fixture.rows("accepted") {
            let text = try #require(row[0].text)
            #expect(try PayloadValue(json: text).jsonText() == row[1].text, "\(text)")
        }
    }

    struct Rejected: Sendable, CustomTestStringConvertible {
        let text: String
        let line: Int
        let column: Int
        let part: String

        init(_ text: String, _ line: Int, _ column: Int, _ part: String) {
            (self.text, self.line, self.column, self.part) = (text, line, column, part)
        }

        var testDescription: String { text.debugDescription }
    }

    static let rejected: [Rejected] = [
        Rejected("", 1, 1, "Found the end of the text, expected a value."),
        Rejected("  \n ", 2, 2, "Found the end of the text, expected a value."),
        Rejected("\u{FEFF}1", 1, 1, "byte order mark"),
        Rejected("1 2", 1, 3, "Found \"2\", expected the end of the text after the value."),
        Rejected("[1,]", 1, 4, "no comma before \"]\""),
        Rejected("[1,2", 1, 5, "expected a comma or \"]\""),
        Rejected("[,1]", 1, 2, "Found \",\", expected a value."),
        Rejected("[1 2]", 1, 4, "expected a comma"),
        Rejected("[1}", 1, 3, "Found \"}\", expected a comma or \"]\""),
        Rejected("[", 1, 2, "end of the text, expected a value"),
        Rejected("]", 1, 1, "Found \"]\", expected a value"),
        Rejected("{\"a\":1,}", 1, 8, "no comma before \"}\""),
        Rejected("{a:1}", 1, 2, "Found \"a\", expected a key in double quotes"),
        Rejected("{'a':1}", 1, 2, "expected a key in double quotes"),
        Rejected("{\"a\" 1}", 1, 6, "expected a colon"),
        Rejected("{\"a\":}", 1, 6, "Found \"}\", expected a value"),
        Rejected("{\"a\":1 \"b\":2}", 1, 8, "expected a comma or \"}\""),
        Rejected("{1:2}", 1, 2, "expected a key"),
        Rejected("{", 1, 2, "expected a key"),
        Rejected("{\"a\"", 1, 5, "expected a colon"),
        Rejected("'text'", 1, 1, "double quotes"),
        Rejected("// x\n1", 1, 1, "no comments"),
        Rejected("[1, /* x */ 2]", 1, 5, "no comments"),
        Rejected("tru", 1, 4, "expected the word true"),
        Rejected("True", 1, 1, "Found \"T\", expected a value"),
        Rejected("nul!", 1, 4, "expected the word null"),
        Rejected("falsE", 1, 5, "expected the word false"),
        Rejected("truey", 1, 5, "end of the text after the value"),
        Rejected("NaN", 1, 1, "expected a value"),
        Rejected("Infinity", 1, 1, "expected a value"),
        Rejected("undefined", 1, 1, "expected a value"),
        Rejected("-", 1, 2, "a digit after the minus sign"),
        Rejected("-Infinity", 1, 2, "a digit after the minus sign"),
        Rejected("+1", 1, 1, "Found \"+\", expected a value"),
        Rejected(".5", 1, 1, "expected a value"),
        Rejected("1.", 1, 3, "a digit after the decimal point"),
        Rejected("1.e5", 1, 3, "a digit after the decimal point"),
        Rejected("1e", 1, 3, "a digit of the exponent"),
        Rejected("1e+", 1, 4, "a digit of the exponent"),
        Rejected("01", 1, 1, "leading zeros"),
        Rejected("-012", 1, 2, "leading zeros"),
        Rejected("0x10", 1, 2, "Found \"x\", expected the end"),
        Rejected("1_000", 1, 2, "Found \"_\""),
        Rejected("\"abc", 1, 5, "Found the end of the text, expected a closing quote"),
        Rejected("\"a\nb\"", 1, 3, "Found U+000A, expected an escape"),
        Rejected("\"a\tb\"", 1, 3, "Found U+0009"),
        Rejected("\"\u{0}\"", 1, 2, "Found U+0000"),
        Rejected("\"\\x41\"", 1, 3, "Found \"x\", expected one of"),
        Rejected("\"\\", 1, 3, "Found the end of the text"),
        Rejected("\"\\u12g4\"", 1, 6, "Found \"g\", expected four hexadecimal digits"),
        Rejected("\"\\ud83d\\u12\"", 1, 12, "hexadecimal"),
        Rejected("\u{A0}1", 1, 1, "Found U+00A0, expected a value"),
        Rejected("[1,\n  2,\r\n  x]", 3, 3, "Found \"x\""),
        Rejected("[1,\r\r\n2\r, x]", 4, 3, "Found \"x\""),
        Rejected("[\"é🐎\", x]", 1, 8, "Found \"x\""),
        Rejected("[🐎]", 1, 2, "Found \"🐎\""),
    ]

    @Test(arguments: rejected)
    func `other texts are refused with the place and what was expected`(rejected: Rejected) {
        let error = #expect(throws: JSONError.self) { try PayloadValue(json: rejected.text) }
        #expect(error?.code == .syntax)
        #expect([error?.line, error?.column] == [rejected.line, rejected.column])
        #expect(error?.message.contains(rejected.part) == true, "\(error?.message ?? "")")
    }

    @Test func `integers stay exact and every other number is a double`() throws {
        let table: [(String, PayloadValue)] = [
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(0x1p63)), ("-9223372036854775809", .number(-0x1p63)),
            ("9007199254740993", .integer(9_007_199_254_740_993)), ("-0", .integer(0)), ("1.0", .number(1)),
            ("1e2", .number(100)), ("0.1", .number(0.1)), ("5e-324", .number(.leastNonzeroMagnitude)),
            ("1e-400", .number(0)),
        ]
        for (text, value) in table { #expect(try PayloadValue(json: text) == value, "\(text)") }
        #expect(try PayloadValue(json: "9007199254740993").jsonText() == "9007199254740993")
    }

    @Test(arguments: ["1e999", "-1e999", "1e309", "1" + String(repeating: "0", count: 400)])
    func `a number beyond the doubles is an error at its first character`(number: String) {
        let error = #expect(throws: JSONError.self) { try PayloadValue(json: "[\n " + number + "]") }
        #expect(error?.code == .numberOutOfRange)
        #expect([error?.line, error?.column] == [2, 2])
    }

    @Test func `halves of surrogate pairs become U+FFFD`() throws {
        let table = [
            (#""\ud83d""#, "\u{FFFD}"), (#""\udc0e""#, "\u{FFFD}"), (#""\ud83dA""#, "\u{FFFD}A"),
            (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\ud83d\ud83d\udc0e""#, "\u{FFFD}🐎"), (#""\ud83d\n""#, "\u{FFFD}\n"),
            (#""\udc0e\ud83d""#, "\u{FFFD}\u{FFFD}"),
        ]
        for (text, string) in table { #expect(try PayloadValue(json: text) == .string(string), "\(text)") }
    }

    @Test func `nesting is limited at the bracket that goes too deep`() throws {
        let limit = PayloadValue.maximumJSONDepth
        #expect(try PayloadValue(json: nested(limit)).jsonText() == nested(limit))
        for text in [nested(limit + 1), nested(limit + 1, open: "{\"a\":", close: "}"), nested(1_000_000)] {
            let error = #expect(throws: JSONError.self) { try PayloadValue(json: text) }
            #expect(error?.code == .tooDeep)
        }
        let error = #expect(throws: JSONError.self) { try PayloadValue(json: nested(limit + 1)) }
        #expect(error?.column == limit + 1)
    }

    @Test(arguments: [("22 41 ff 22", 3), ("22 c3 a9 c3 22", 3), ("22 ed a0 80 22", 2), ("22 c0 80 22", 2), ("ff", 1)])
    func `bytes that are not UTF-8 are refused`(text: String, column: Int) {
        let error = #expect(throws: JSONError.self) { try PayloadValue(json: bytes(hex: text)) }
        #expect(error?.code == .invalidUTF8)
        #expect([error?.line, error?.column] == [1, column])
    }

    @Test func `an error reads as its place and its sentence`() {
        let error = #expect(throws: JSONError.self) { try PayloadValue(json: "{\n\"a\": }") }
        #expect(error.map(String.init(describing:)) == "line 2, column 6: Found \"}\", expected a value.")
    }

    @Test func `all prefixes of a text are refused and none crashes`() throws {
        let text = Array(#"{"a":[1.5e+3,true,null,"\ud83d\udc0e\n"],"é":{"b":-0}}"#.utf8)
        #expect(throws: Never.self) { try PayloadValue(json: text) }
        for count in 0..<text.count {
            #expect(throws: JSONError.self) { try PayloadValue(json: Array(text[..<count])) }
        }
    }
}
