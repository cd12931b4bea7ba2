/// What Redis said about a broadcast that it took.
public struct Receipt: Hashable, Sendable {
    /// How many Socket.IO servers were listening on the namespace; nil where the wire cannot know.
    ///
    /// On the classic wire it is the reply of `PUBLISH`: every server with that namespace, whether or not it has the
    /// room. 0 means that nobody heard it: wrong prefix, wrong namespace, or no server. Other subscribers count too.
    public let receivers: Int?

    /// Makes a receipt.
    public init(receivers: Int?) {
        self.receivers = receivers
    }
}
