import Payload
import Testing

@Suite struct EventDataTests {
    static let arguments: [PayloadValue] = ["héllo \"you\"", 1, 9_007_199_254_740_993, ["a": [1.5, nil]], []]

    @Test func `values and stored encodings give the same bytes`() throws {
        let values = EventData(event: "an\"nounce", arguments: Self.arguments)
        let text = try PayloadValue.array(Self.arguments).jsonBytes()
        let stored = EventData(event: "an\"nounce", encodedArguments: text, messagePack: values.messagePack())
        #expect(stored.messagePack() == values.messagePack())
        #expect(try stored.json() == values.json())
        #expect(try stored.arguments() == Self.arguments)
        #expect(try values.arguments() == Self.arguments)
        #expect(try PayloadValue(json: try values.json()) == .array(["an\"nounce"] + Self.arguments))
        #expect(try PayloadValue(messagePack: values.messagePack())[0] == "an\"nounce")
    }

    @Test(arguments: ["[]", "[ ]", " [\n] "])
    func `an event without arguments is an array of its name`(text: String) throws {
        let stored = EventData(event: "ev", encodedArguments: Array(text.utf8), messagePack: [0x91, 0xA2, 0x65, 0x76])
        #expect(String(decoding: try stored.json(), as: UTF8.self) == #"["ev"]"#)
        #expect(try stored.arguments() == [])
        #expect(EventData(event: "ev", arguments: []).messagePack() == stored.messagePack())
        #expect(String(decoding: try EventData(event: "ev", arguments: []).json(), as: UTF8.self) == #"["ev"]"#)
    }

    @Test func `stored text is spliced as it is and stored MessagePack is not looked at`() throws {
        let stored = EventData(
            event: "ev",
            encodedArguments: Array(" [ 1.50, \"\\u0041\" ] ".utf8),
            messagePack: [1, 2, 3]
        )
        #expect(String(decoding: try stored.json(), as: UTF8.self) == #"["ev",1.50, "\u0041"]"#)
        #expect(stored.messagePack() == [1, 2, 3])
        #expect(try stored.arguments() == [1.5, "A"])
    }

    @Test func `writers append the event behind what they hold`() throws {
        let values = EventData(event: "ev", arguments: [1])
        let stored = EventData(event: "ev", encodedArguments: Array("[1]".utf8), messagePack: values.messagePack())
        for event in [values, stored] {
            var packed = MessagePackWriter()
            packed.beginArray(count: 1)
            event.write(to: &packed)
            #expect(hex(packed.bytes) == "9192a2657601")
            var text = JSONWriter()
            text.writeRaw("[")
            try event.write(to: &text)
            text.writeRaw("]")
            #expect(String(decoding: text.bytes, as: UTF8.self) == #"[["ev",1]]"#)
        }
    }

    @Test func `binary arguments have MessagePack and no JSON`() throws {
        let values = EventData(event: "ev", arguments: [.binary([1, 2])])
        let stored = EventData(event: "ev", encodedArguments: [], messagePack: values.messagePack())
        for event in [values, stored] {
            #expect(try event.arguments() == [.binary([1, 2])])
            #expect(hex(event.messagePack()) == "92a26576c4020102")
            let error = #expect(throws: PayloadError.self) { try event.json() }
            #expect(error?.code == .binaryInJSON)
        }
    }

    @Test(arguments: ["{}", "1", "[", "]", "  ", "[1", "\"[]\""])
    func `stored text that is no array is refused`(text: String) {
        let stored = EventData(event: "ev", encodedArguments: Array(text.utf8), messagePack: [])
        let errors = [
            #expect(throws: PayloadError.self) { try stored.json() },
            #expect(throws: PayloadError.self) { try stored.arguments() },
        ]
        #expect(errors.allSatisfy { $0?.code == .invalidArguments })
    }

    @Test func `stored text that is not JSON names the place`() {
        let stored = EventData(event: "ev", encodedArguments: Array("[1,]".utf8), messagePack: [])
        let error = #expect(throws: PayloadError.self) { try stored.arguments() }
        #expect(error?.cause?.column == 4)
        #expect(error?.message.contains("line 1, column 4") == true)
    }

    @Test func `reserved names are those of Socket.IO`() {
        #expect(
            EventData.reservedNames == [
                "connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener",
            ]
        )
    }
}
