/// One Redis command: its name and its arguments, as bytes.
///
/// Arguments are counted, never quoted: a line break, a NUL or a space inside one is data, so nothing that comes from
/// a user can become a second command.
///
///     let publish = RedisCommand("PUBLISH", "news", "hello")
public struct RedisCommand: Hashable, Sendable {
    /// The command's name followed by its arguments; Redis takes any bytes in each.
    public var arguments: [[UInt8]]

    /// Makes a command of raw bytes.
    ///
    /// - Parameter arguments: the name and the arguments; a command without a name is refused when it is sent.
    public init(arguments: [[UInt8]]) {
        self.arguments = arguments
    }

    /// Makes a command of texts, which are sent as UTF-8.
    public init(_ arguments: String...) {
        self.arguments = arguments.map { Array($0.utf8) }
    }
}
