import Payload

// What several wires write alike.

extension MessagePackCursor {
    /// The most bytes that the options of a target take.
    static func mostOfOptions(rooms: [String], except: [String], flags: [Broadcast.Flag]) -> Int {
        // Three heads, three keys of at most six letters, and of each flag its name and a byte.
        64 + flags.count * 16 + most(of: rooms) + most(of: except)
    }

    /// A target's options.
    mutating func writeOptions(
        rooms: [String],
        except: [String],
        flags: [Broadcast.Flag],
        order: ClusterMessage.OptionOrder
    ) {
        beginMap(count: 3)
        write(string: "rooms")
        write(strings: rooms)
        if order == .roomsFlagsExcept { write(flags) }
        write(string: "except")
        write(strings: except)
        if order == .roomsExceptFlags { write(flags) }
    }

    private mutating func write(_ flags: [Broadcast.Flag]) {
        write(string: "flags")
        beginMap(count: flags.count)
        for flag in flags {
            write(string: flag.name)
            write(bool: flag.value)
        }
    }
}

extension MessagePackWriter {
    /// A target's options.
    mutating func writeOptions(
        rooms: [String],
        except: [String],
        flags: [Broadcast.Flag],
        order: ClusterMessage.OptionOrder
    ) {
        write(atMost: MessagePackCursor.mostOfOptions(rooms: rooms, except: except, flags: flags)) { cursor in
            cursor.writeOptions(rooms: rooms, except: except, flags: flags, order: order)
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
