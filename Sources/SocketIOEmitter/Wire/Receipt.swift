/// What Redis said about a broadcast that it took.
public struct Receipt: Hashable, Sendable {
    /// How many Socket.IO servers were listening on the namespace; nil where the wire cannot know.
    ///
    /// It is the reply of `PUBLISH` or `SPUBLISH`: every server with that namespace (every server at all on the wire of
    /// python-socketio), whether or not it has the room. 0 means that nobody heard it: wrong prefix, wrong namespace, or no
    /// server. Other subscribers count too. An entry of a stream has no such count.
    public let receivers: Int?

    /// The id of the stream entry that the broadcast became, such as `1790000000000-0`; nil on other wires.
    public let entryID: String?

    /// Makes a receipt.
    public init(receivers: Int?, entryID: String? = nil) {
        self.receivers = receivers
        self.entryID = entryID
    }
}
