import Payload

/// What is known so far of the answers to a question; it does nothing itself.
struct Inquiry: Sendable {
    /// How many servers were there when it was asked.
    let servers: Int
    private(set) var answered = 0
    private(set) var addressed = 0
    private(set) var sockets: Set<String> = []
    private(set) var acknowledgements: [PayloadValue] = []

    init(servers: Int) {
        self.servers = servers
    }

    mutating func receive(_ answer: Answer) {
        switch answer {
        case .sockets(let names):
            answered += 1
            sockets.formUnion(names)
        case .clientCount(let count):
            answered += 1
            addressed += count
        case .acknowledgement(let value):
            acknowledgements.append(value)
        }
    }

    /// Whether nothing more is to come.
    var isComplete: Bool { answered >= servers && acknowledgements.count >= addressed }
}
