/// Commands that Redis carries out once, however often they are sent to it.
///
/// They go out as one script call, under a token: a key that the script sets first. Where the key is there already the script
/// does nothing and returns what the key holds: the results of the time when it was carried out. So after a crash or a lost
/// reply nobody has to guess. What was never carried out can be made void, which a suspended sender's late call meets too.
///
/// ```swift
/// let batch = OnceBatch(token: OnceBatch.token(using: &random), commands: CommandGroups(commands), lifetime: .seconds(7200))
/// let reply = try await redis.send(batch.call)
/// try OnceBatch.Outcome(reply)               // .carriedOut([.integer(2), .error("…")])
/// ```
///
/// One refused command is its own result and loses none of the others. A member's error reads as scripts have it, such as
/// `ERR … can't publish`, where a plain command would have had `NOPERM`.
struct OnceBatch: Hashable, Sendable {
    /// The key.
    let token: String
    /// The commands; in a cluster all of one slot.
    let commands: CommandGroups
    /// How long Redis remembers the token: longer than anybody could send the batch.
    let lifetime: Duration

    /// What has become of a batch.
    enum Outcome: Hashable, Sendable {
        /// It was carried out, just now or before; the reply to each command.
        case carriedOut([RedisReply])
        /// It was made void before it could be carried out.
        case void
        /// It was begun, and Redis ended before it was through: some may have been carried out.
        case interrupted
    }

    /// 32 hexadecimal digits that nobody else has, with a tag that puts the key into the slot of the commands.
    ///
    /// - Parameters:
    ///   - prefix: the first part of the key.
    ///   - slot: the slot of the commands in a cluster; nil for none.
    ///   - random: makes the digits.
    /// - Returns: a token such as `announce:once:5f0c…`, or with a slot `announce:once:{3a1}5f0c…`.
    static func token(
        prefix: String = "announce:once:",
        slot: Int? = nil,
        using random: inout some RandomNumberGenerator
    ) -> String {
        let digits = (0..<2).map { _ in Question.name(&random) }.joined()
        guard let slot else { return prefix + digits }
        return "\(prefix){\(SlotTags.tag(of: slot))}\(digits)"
    }

    /// Carries it out, or tells what became of it.
    var call: RedisCommand { Self.call("EVAL", Self.script, self) }

    /// The same for a Redis that has the script already; its reply is an error with `NOSCRIPT` where it has not.
    func call(scriptHash: String) -> RedisCommand { Self.call("EVALSHA", scriptHash, self) }

    private static func call(_ name: String, _ script: String, _ batch: OnceBatch) -> RedisCommand {
        var call = RedisCommand(capacity: batch.commands.bytes + script.utf8.count + 256)
        for word in [name, script, "1", batch.token, String(max(1, batch.lifetime.wholeMilliseconds))] {
            call.append(word)
        }
        batch.commands.write(to: &call)
        return call
    }

    /// Makes a batch void if it was not carried out, and asks what became of it: two commands for one write.
    ///
    /// - Parameters:
    ///   - token: the batch's token.
    ///   - lifetime: how long Redis remembers that it is void.
    /// - Returns: the commands; the reply to the second is for ``Outcome/init(_:)``.
    static func voiding(_ token: String, lifetime: Duration) -> [RedisCommand] {
        [
            RedisCommand("SET", token, "void", "PX", String(max(1, lifetime.wholeMilliseconds)), "NX"),
            RedisCommand("GET", token),
        ]
    }

    /// How long Redis remembers that a batch is void: longer than a suspended sender could take to send it.
    static let voidLifetime = Duration.seconds(7 * 86_400)

    /// The SHA-1 of ``script``, by which Redis knows it.
    static let scriptHash = "b0605fa5ff8378aa6173bbd3dcf452691c98e620"

    /// Sets the token, carries out each command, and keeps the results in the token.
    ///
    /// ARGV: the lifetime, then the groups as ``CommandGroups/write(to:)`` has them. The results are lines; a number has no mark where
    /// it is not negative, and `=n` means the line before n times more: to most of a burst Redis answers alike.
    static let script = """
        if not redis.call('SET', KEYS[1], 'begun', 'PX', ARGV[1], 'NX') then return redis.call('GET', KEYS[1]) end
        local results, count, place, words = {'done'}, 1, 2, #ARGV
        local before, same = nil, 0
        local function tell()
          if same > 0 then count, results[count + 1], same = count + 1, '=' .. same, 0 end
        end
        local args, call, type, unpack = ARGV, redis.pcall, type, unpack
        while place < words do
          local shared = tonumber(args[place + 1])
          local first = place + 2 + shared
          local last = first + args[place] - 1
          local command = {unpack(args, place + 2, first - 1)}
          local one, two = command[1], command[2]
          for member = first, last do
            local reply
            if shared == 2 then reply = call(one, two, args[member])
            else
              command[shared + 1] = args[member]
              reply = call(unpack(command))
            end
            local kind = type(reply)
            if kind ~= 'number' then
              if kind == 'string' then reply = '$' .. reply
              elseif kind == 'table' and reply.err then reply = '-' .. reply.err
              elseif kind == 'table' and reply.ok then reply = '+' .. reply.ok
              else reply = '_' end
              reply = reply:gsub('[\\r\\n]', ' ')
            elseif reply < 0 then reply = ':' .. reply end
            if reply == before then same = same + 1
            else
              tell()
              count, before = count + 1, reply
              results[count] = reply
            end
          end
          place = last + 1
        end
        tell()
        local text = table.concat(results, '\\n')
        redis.call('SET', KEYS[1], text, 'PX', ARGV[1])
        return text
        """
}

extension OnceBatch.Outcome {
    /// Reads the reply to ``OnceBatch/call``, or to the second command of ``OnceBatch/voiding(_:lifetime:)``.
    ///
    /// - Throws: ``RedisError`` for an error reply, and for a value that no batch leaves.
    init(_ reply: RedisReply) throws(RedisError) {
        if case .error(let text) = reply { throw RedisError(errorReply: text) }
        guard case .string(let bytes) = reply else { throw Self.strange }
        if let counts = Self.counts(bytes) {
            self = .carriedOut(counts.map { .integer(Int64($0)) })
            return
        }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        switch String(decoding: lines.first ?? [], as: UTF8.self) {
        case "void" where lines.count == 1: self = .void
        case "begun" where lines.count == 1: self = .interrupted
        case "done":
            var replies: [RedisReply] = []
            for line in lines.dropFirst() {
                if let last = replies.last, let times = Self.repetitions(line) {
                    replies += repeatElement(last, count: times)
                } else {
                    replies.append(try Self.reply(line))
                }
            }
            self = .carriedOut(replies)
        default: throw Self.strange
        }
    }

    /// The numbers with which Redis answered the commands of a batch, as it does `PUBLISH`; nil where it answered anything else.
    static func counts(_ reply: RedisReply) -> [Int]? {
        if case .string(let bytes) = reply { counts(bytes) } else { nil }
    }

    private static func counts(_ bytes: [UInt8]) -> [Int]? {
        guard bytes.starts(with: done) else { return nil }
        var counts: [Int] = []
        var place = done.count
        while place < bytes.count {
            guard bytes[place] == UInt8(ascii: "\n") else { return nil }
            place += 1
            let isRepetition = place < bytes.count && bytes[place] == again
            if isRepetition { place += 1 }
            var number = 0
            let first = place
            while place < bytes.count, place - first < 18, case let digit = bytes[place] &- UInt8(ascii: "0"),
                digit < 10
            {
                number = number * 10 + Int(digit)
                place += 1
            }
            if place == first { return nil }
            if !isRepetition {
                counts.append(number)
            } else if let last = counts.last, number <= mostRepetitions {
                counts += repeatElement(last, count: number)
            } else {
                return nil
            }
        }
        return counts
    }

    private static let done = Array("done".utf8)
    private static let again = UInt8(ascii: "=")
    /// No batch has so many commands; what says more was not written by the script.
    private static let mostRepetitions = 1 << 20

    /// How many times more there is what the line before says; nil for a line that says something itself.
    private static func repetitions(_ line: ArraySlice<UInt8>) -> Int? {
        guard line.first == again, let times = Int(String(decoding: line.dropFirst(), as: UTF8.self)) else {
            return nil
        }
        return (1...mostRepetitions).contains(times) ? times : nil
    }

    private static func reply(_ line: ArraySlice<UInt8>) throws(RedisError) -> RedisReply {
        let text = String(decoding: line.dropFirst(), as: UTF8.self)
        switch line.first {
        case UInt8(ascii: ":"): if let number = Int64(text) { return .integer(number) }
        case .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
            if let number = Int64(String(decoding: line, as: UTF8.self)) { return .integer(number) }
        case UInt8(ascii: "$"): return .string(Array(line.dropFirst()))
        case UInt8(ascii: "+"): return .status(text)
        case UInt8(ascii: "-"): return .error(text)
        case UInt8(ascii: "_"): return .null
        default: break
        }
        throw strange
    }

    static let strange = RedisError(
        code: .protocol,
        message:
            "A key of announce in Redis holds something that announce did not put there. Give it a Redis database, or a "
            + "prefix, of its own.",
        mayHaveExecuted: true
    )
}

/// For each slot of a cluster a short text that hashes to it.
enum SlotTags {
    private static let tags: [String] = {
        var tags = [String?](repeating: nil, count: HashSlot.count)
        var (missing, number) = (HashSlot.count, 0)
        while missing > 0 {
            let tag = String(number, radix: 36)
            let slot = HashSlot.slot(of: Array(tag.utf8))
            if tags[slot] == nil {
                tags[slot] = tag
                missing -= 1
            }
            number += 1
        }
        return tags.map { $0 ?? "" }
    }()

    static func tag(of slot: Int) -> String { tags[slot % HashSlot.count] }
}
