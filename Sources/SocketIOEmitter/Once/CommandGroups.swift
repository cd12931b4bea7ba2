/// Commands one after the other; neighbours that differ only in their last word are a group, and hold the rest once.
///
/// To a cluster of Socket.IO servers nearly all of them are `PUBLISH`, the channel, and a message. So they are half as much to
/// write and to read when what is the same is said once.
struct CommandGroups: Hashable, Sendable {
    /// Commands with the same words but the last.
    private struct Group: Hashable, Sendable {
        /// The words that they share.
        let shared: RedisCommand
        var count: Int
        /// How many bytes their last words are.
        var bytes: Int
    }

    private var groups: [Group] = []
    /// The last words of all commands, as bulk strings.
    private var lasts: RedisCommand
    /// How many commands there are.
    private(set) var count = 0
    /// How many bytes the words of all commands are, each command for itself.
    private(set) var bytes = 0

    /// No commands, with room for so many bytes of last words.
    init(capacity: Int = 0) {
        lasts = RedisCommand(capacity: capacity)
    }

    /// Makes room for so many commands as long as those that are there, of which there is at least one.
    ///
    /// For no more than a mebibyte: the others may be shorter by far.
    mutating func reserveCapacity(commands count: Int) {
        lasts.reserveCapacity(min(count * (lasts.words.count / max(1, self.count)), 1 << 20))
    }

    /// The same as one for each command.
    init(_ commands: [RedisCommand]) {
        self.init(capacity: CommandFormatter.size(of: commands))
        for command in commands { append(command) }
    }

    /// Adds a command, which has at least one word.
    mutating func append(_ command: RedisCommand) {
        let (shared, last) = command.dividedBeforeLast()
        append(sharing: shared) { $0.append(contentsOf: last) }
    }

    /// Adds a command of shared words and a last one, which the body appends.
    mutating func append(sharing shared: RedisCommand, last: (inout RedisCommand) -> Void) {
        let before = lasts.words.count
        last(&lasts)
        let added = lasts.words.count - before
        count += 1
        bytes += shared.words.count + added
        if let place = groups.indices.last, groups[place].shared == shared {
            groups[place].count += 1
            groups[place].bytes += added
        } else {
            groups.append(Group(shared: shared, count: 1, bytes: added))
        }
    }

    /// The commands, each for itself.
    var commands: [RedisCommand] {
        var commands: [RedisCommand] = []
        commands.reserveCapacity(count)
        var place = 0
        for group in groups {
            for _ in 0..<group.count {
                var command = group.shared
                let end = lasts.end(ofWordAt: place)
                command.append(count: 1, bulkStrings: lasts.words[place..<end])
                place = end
                commands.append(command)
            }
        }
        return commands
    }

    /// Appends of each group how many commands it has, how many words they share, those words, and each one's last word.
    func write(to call: inout RedisCommand) {
        var place = 0
        for group in groups {
            call.append(String(group.count))
            call.append(String(group.shared.count))
            call.append(contentsOf: group.shared)
            call.append(count: group.count, bulkStrings: lasts.words[place..<place + group.bytes])
            place += group.bytes
        }
    }
}
