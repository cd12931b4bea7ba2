import NIOCore

@testable import SocketIOEmitter

/// One input of libFuzzer: the first byte chooses the reader, the others are what it reads.
///
/// A reader may refuse what it is given; it may not crash, hang, or read something that it cannot write again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: size))
    guard let choice = input.first else { return 0 }
    let bytes = Array(input.dropFirst())
    switch choice {
    case UInt8(ascii: "c"): heard(.classic(ClassicWire()), "socket.io#/#", bytes)
    case UInt8(ascii: "q"): heard(.classic(ClassicWire()), "socket.io-request#/#", bytes)
    case UInt8(ascii: "a"): heard(.classic(ClassicWire()), "socket.io-response#/#", bytes)
    case UInt8(ascii: "s"): heard(.sharded(ShardedWire()), "socket.io#/#", bytes)
    case UInt8(ascii: "p"): heard(.python(PythonWire()), "socketio", bytes)
    case UInt8(ascii: "x"): entry(bytes)
    case UInt8(ascii: "r"): replies(bytes)
    default: break
    }
    return 0
}

/// What was read of a broadcast can be sent again, and is the same then.
private func heard(_ wire: Wire, _ channel: String, _ bytes: [UInt8]) {
    let message = RedisMessage(channel: channel, payload: bytes)
    _ = wire.answer(in: message)
    guard let heard = try? wire.decode(message), let broadcast = heard.broadcast else { return }
    check(broadcast)
}

private func check(_ heard: HeardBroadcast) {
    let names = heard.rooms.compactMap { if case .string(let name) = $0 { name } else { nil } }
    let sent = Broadcast(rooms: names, data: EventData(event: heard.event, arguments: heard.arguments))
    guard let payload = try? ClassicWire().payload(for: sent) else { return }
    let again = try? ClassicWire().decode(channel: "socket.io#/#", payload: payload)
    guard again?.broadcast?.event == heard.event, again?.broadcast?.arguments.count == heard.arguments.count else {
        preconditionFailure("\(heard) was sent as \(String(describing: again))")
    }
}

/// An entry of a stream: names and values, each with its length before it.
private func entry(_ bytes: [UInt8]) {
    var fields: [RedisReply] = []
    var rest = bytes[...]
    while let length = rest.popFirst() {
        fields.append(.string(Array(rest.prefix(Int(length)))))
        rest = rest.dropFirst(Int(length))
    }
    guard let heard = try? ClusterMessage.decode(stream: "socket.io", id: "1-0", fields: fields) else { return }
    if let broadcast = heard.broadcast { check(broadcast) }
}

/// Replies are the same however the bytes are cut; the first byte says where.
private func replies(_ bytes: [UInt8]) {
    guard let cut = bytes.first else { return }
    let stream = Array(bytes.dropFirst())
    let whole = read([stream[...]])
    let parts = stride(from: 0, to: stream.count, by: Int(cut) + 1).map {
        stream[$0..<min($0 + Int(cut) + 1, stream.count)]
    }
    precondition(read(parts) == whole, "cut into pieces of \(Int(cut) + 1) bytes it is read otherwise")
    var subscription = SubscriptionStateMachine(
        RedisConfiguration(endpoint: .tcp(host: "h", port: 1)),
        SubscriptionRequest(channels: ["c"], patterns: [], shardChannels: [])
    )
    _ = subscription.connected()
    for reply in whole { _ = subscription.received(reply) }
}

private func read(_ parts: [ArraySlice<UInt8>]) -> [RedisReply] {
    var replies: [RedisReply] = []
    guard let reader = try? ReplyReader() else { return [] }
    for part in parts {
        do {
            try reader.feed(ByteBuffer(bytes: part))
            while let reply = try reader.next() { replies.append(reply) }
        } catch {
            return replies
        }
    }
    return replies
}
