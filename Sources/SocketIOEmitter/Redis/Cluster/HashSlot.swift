/// The slot of a Redis Cluster that a key or a shard channel belongs to.
enum HashSlot {
    /// How many slots a cluster has.
    static let count = 16384

    /// CRC16 of the key, or of its hash tag, modulo 16384 (Redis Cluster specification, "Key distribution model").
    ///
    /// The tag is what stands between the first `{` and the first `}` after it, if there is something.
    static func slot(of key: [UInt8]) -> Int {
        var tag = key[...]
        if let open = key.firstIndex(of: UInt8(ascii: "{")),
            let close = key[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        {
            tag = key[(open + 1)..<close]
        }
        var crc: UInt16 = 0
        for byte in tag {
            crc = crc << 8 ^ table[Int(UInt8(crc >> 8) ^ byte)]
        }
        return Int(crc) % count
    }

    /// CRC16-CCITT in the variant XMODEM: polynomial 0x1021, beginning with 0.
    private static let table: [UInt16] = (0..<256).map { index in
        (0..<8).reduce(UInt16(index) << 8) { crc, _ in crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021 }
    }
}

extension RedisCommand {
    /// The slot of the command's first key; nil for one without a key, which any node takes.
    var slot: Int? { key.map(HashSlot.slot(of:)) }

    private var key: [UInt8]? {
        let words = first(4)
        func word(_ index: Int) -> [UInt8]? { index < words.count ? words[index] : nil }
        guard let name = words.first.map({ String(decoding: $0, as: UTF8.self).uppercased() }),
            !Self.keyless.contains(name)
        else { return nil }
        switch name {
        case "EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO":
            // The script, how many keys, the keys.
            guard let count = word(2).flatMap({ Int(String(decoding: $0, as: UTF8.self)) }), count > 0 else {
                return nil
            }
            return word(3)
        case "XINFO", "XGROUP", "OBJECT":
            return word(2)
        case "XREAD", "XREADGROUP":
            let words = arguments
            let streams = words.firstIndex { String(decoding: $0, as: UTF8.self).uppercased() == "STREAMS" }
            return streams.flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
        default:
            return word(1)
        }
    }

    private static let keyless: Set<String> = [
        "ACL", "AUTH", "CLIENT", "CLUSTER", "COMMAND", "CONFIG", "DBSIZE", "ECHO", "FLUSHALL", "FLUSHDB", "FUNCTION",
        "HELLO", "INFO", "KEYS", "LASTSAVE", "LATENCY", "MEMORY", "MODULE", "PING", "PUBLISH", "PUBSUB", "RANDOMKEY",
        "ROLE", "SCAN", "SCRIPT", "SLOWLOG", "TIME", "WAIT",
    ]
}
