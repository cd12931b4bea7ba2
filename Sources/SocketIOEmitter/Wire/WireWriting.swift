import Payload

// What several wires write alike.

extension MessagePackWriter {
    mutating func write(strings: [String]) {
        beginArray(count: strings.count)
        for string in strings {
            write(string: string)
        }
    }

    mutating func write(_ flags: [Broadcast.Flag]) {
        beginMap(count: flags.count)
        for flag in flags {
            write(string: flag.name)
            write(bool: flag.value)
        }
    }
}

extension JSONWriter {
    mutating func write(strings: [String]) {
        writeRaw("[")
        for (index, string) in strings.enumerated() {
            if index > 0 { writeRaw(",") }
            write(string: string)
        }
        writeRaw("]")
    }

    mutating func write(_ flags: [Broadcast.Flag]) {
        writeRaw("{")
        for (index, flag) in flags.enumerated() {
            if index > 0 { writeRaw(",") }
            write(string: flag.name)
            writeRaw(flag.value ? ":true" : ":false")
        }
        writeRaw("}")
    }

    /// The event and its arguments.
    mutating func write(event data: EventData) throws(EmitterError) {
        do {
            try data.write(to: &self)
        } catch {
            throw .payload(error)
        }
    }
}

extension RedisCommand {
    init(_ name: StaticString, _ channel: String, _ payload: [UInt8]) {
        self.init(capacity: channel.utf8.count + payload.count + 48)
        append("\(name)")
        append(channel)
        append(payload)
    }
}
