import Payload
import Testing

@Suite struct PayloadObjectTests {
    @Test func `keys are in the order of JavaScript, however the object was made`() throws {
        for row in try Fixture.rows("order") {
            let keys = row["keys"].elements.compactMap(\.text)
            let pairs = keys.enumerated().map { ($1, PayloadValue.integer(Int64($0))) }
            let written = try #require(row["written"].text)
            #expect(try PayloadValue.object(PayloadObject(pairs)).jsonText() == written)
            var grown = PayloadObject()
            for (key, value) in pairs { grown[key] = value }
            #expect(try PayloadValue.object(grown).jsonText() == written)
            let text =
                "{"
                + (try pairs.map { "\(try PayloadValue.string($0).jsonText()):\(try $1.jsonText())" }).joined(
                    separator: ","
                ) + "}"
            #expect(try PayloadValue(json: text).jsonText() == written)
        }
    }

    @Test func `values are looked up, replaced, added and removed by key`() {
        var object: PayloadObject = ["b": 1, "a": 2]
        #expect(object["a"] == 2)
        #expect(object["c"] == nil)
        object["b"] = "new"
        object["7"] = 7
        object["c"] = nil
        #expect(object.map(\.key) == ["7", "b", "a"])
        object["b"] = nil
        #expect(object == ["7": 7, "a": 2])
        object["a"] = .null
        #expect(object["a"] == PayloadValue.null)
        #expect(object.count == 2)
        #expect(PayloadObject().isEmpty)
    }

    @Test func `keys that only look alike are different keys`() throws {
        let object: PayloadObject = ["\u{E9}": 1, "e\u{301}": 2]
        #expect(object.count == 2)
        #expect(object["e\u{301}"] == 2)
        #expect(try PayloadValue(json: "{\"\u{E9}\":1,\"e\u{301}\":2}") == .object(object))
        #expect(PayloadValue.string("\u{E9}") != .string("e\u{301}"))
    }

    @Test func `the order of keys counts in comparisons`() {
        #expect(PayloadObject([("a", 1), ("b", 2)]) != PayloadObject([("b", 2), ("a", 1)]))
        #expect(PayloadObject([("a", 1), ("1", 2)]) == PayloadObject([("1", 2), ("a", 1)]))
        #expect(PayloadValue.integer(1) != .number(1))
    }

    @Test(arguments: ["descending indices", "ascending indices", "one key", "names", "spellings"])
    func `building a large object takes no quadratic time`(kind: String) throws {
        let count = 100_000
        let keys = (0..<count).map { number -> String in
            switch kind {
            case "descending indices": String(count - number)
            case "ascending indices": String(number)
            case "one key": "key"
            case "names": "key\(number)"
            default: String((0..<17).map { number >> $0 & 1 == 0 ? "\u{E9}" : "e\u{301}" }.joined())
            }
        }
        let clock = ContinuousClock()
        var object = PayloadObject()
        let time = clock.measure { object = PayloadObject(keys.map { ($0, .null) }) }
        #expect(object.count == (kind == "one key" ? 1 : count))
        #expect(
            time < .seconds(10),
            "100,000 keys take a fraction of a second, and minutes when each is compared with all"
        )
    }

    @Test func `literals make every case that JSON has`() throws {
        let name = "world"
        let value: PayloadValue = [nil, true, 1, -1.5, "hello \(name)", ["k": [1, 2]], [:], []]
        let made: PayloadValue = .array([
            .null, .bool(true), .integer(1), .number(-1.5), .string("hello world"),
            .object(PayloadObject([("k", .array([.integer(1), .integer(2)]))])), .object(PayloadObject()), .array([]),
        ])
        #expect(value == made)
        #expect(Set([value, made]).count == 1)
    }
}
