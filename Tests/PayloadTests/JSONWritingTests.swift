import Payload
import Testing

@Suite struct JSONWritingTests {
    @Test func `doubles are written as JavaScript writes them`() throws {
        for row in try Fixture.rows("numbers") {
            let bits = try #require(row[0].text.flatMap { UInt64($0, radix: 16) })
            let number = Double(bitPattern: bits)
            #expect(try PayloadValue.number(number).jsonText() == row[1].text, "\(number)")
        }
    }

    @Test func `timestamps are written as toISOString writes them`() throws {
        for row in try Fixture.rows("dates") {
            let milliseconds = try #require(row[0].int)
            let text = try #require(row[1].text)
            #expect(try PayloadValue.timestamp(milliseconds: milliseconds).jsonText() == "\"\(text)\"")
        }
    }

    @Test(arguments: [8_640_000_000_000_001, -8_640_000_000_000_001, Int64.max, Int64.min])
    func `moments that no JavaScript date can hold are null`(milliseconds: Int64) throws {
        #expect(try PayloadValue.timestamp(milliseconds: milliseconds).jsonText() == "null")
    }

    @Test func `strings are escaped as JSON.stringify escapes them`() throws {
        for row in try Fixture.rows("strings") {
            let scalars = row[0].elements.compactMap { $0.int.flatMap { Unicode.Scalar(UInt32($0)) } }
            let string = String(String.UnicodeScalarView(scalars))
            #expect(try PayloadValue.string(string).jsonText() == row[1].text, "\(scalars)")
            #expect(try PayloadValue.object([string: 1]).jsonText() == "{\(row[1].text ?? ""):1}")
        }
    }

    @Test func `whole values are written without spaces`() throws {
        let value: PayloadValue = ["a": [], "b": [:], "c": [nil, true, false, -12, 1.5, "x"], "d": ["e": ["f": [[]]]]]
        #expect(try value.jsonText() == #"{"a":[],"b":{},"c":[null,true,false,-12,1.5,"x"],"d":{"e":{"f":[[]]}}}"#)
        #expect(try PayloadValue.integer(.min).jsonText() == "-9223372036854775808")
        #expect(try PayloadValue.integer(.max).jsonText() == "9223372036854775807")
    }

    @Test func `binary data cannot be JSON, however deep`() {
        let values: [PayloadValue] = [.binary([]), [1, .binary([1])], ["a": ["b": [.binary([1])]]]]
        for value in values {
            let error = #expect(throws: PayloadError.self) { try value.jsonText() }
            #expect(error?.code == .binaryInJSON)
            #expect(error?.message.contains("binary") == true)
        }
    }

    @Test func `a writer splices text, bytes, strings and values`() throws {
        var writer = JSONWriter(capacity: 8)
        writer.writeRaw("{\"a\":")
        writer.write(string: "x\"y")
        writer.writeRaw(Array(",\"b\":".utf8))
        try writer.write([1, nil])
        Array("}".utf8).withUnsafeBufferPointer { writer.writeRaw($0) }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"a":"x\"y","b":[1,null]}"#)
    }
}
