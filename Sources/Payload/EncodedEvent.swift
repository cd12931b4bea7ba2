/// The name of an event and its encoded arguments, by reference.
///
/// What goes out in a burst passes through many hands. So all of it is one piece of memory, and to pass it on is to count one
/// reference.
struct EncodedEvent: Hashable, @unchecked Sendable {
    private struct Header {
        let event: String
        let jsonCount: Int
        let count: Int
    }

    /// The JSON text and the MessagePack, one after the other; nobody writes to it after it was made.
    private let memory: ManagedBuffer<Header, UInt8>

    /// Makes it of bytes, which are copied.
    init(event: String, json: UnsafeBufferPointer<UInt8>, messagePack: UnsafeBufferPointer<UInt8>) {
        let header = Header(event: event, jsonCount: json.count, count: json.count + messagePack.count)
        memory = ManagedBuffer<Header, UInt8>.create(minimumCapacity: header.count) { _ in header }
        memory.withUnsafeMutablePointerToElements { start in
            if let first = json.baseAddress { start.initialize(from: first, count: json.count) }
            if let first = messagePack.baseAddress {
                (start + json.count).initialize(from: first, count: messagePack.count)
            }
        }
    }

    var event: String { header.event }
    /// Whether there is a JSON text; there is none where binary data is inside.
    var hasJSON: Bool { header.jsonCount > 0 }
    /// How many bytes the MessagePack is.
    var messagePackCount: Int { header.count - header.jsonCount }

    /// By its address: to ask the buffer for it is to ask each time whether somebody else writes to it.
    private var header: Header { memory.withUnsafeMutablePointerToHeader { $0.pointee } }

    /// Calls the body with the JSON text of the arguments.
    func withJSON<Value, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try memory.withUnsafeMutablePointers { (header, start) throws(Failure) in
            try body(UnsafeBufferPointer(start: start, count: header.pointee.jsonCount))
        }
    }

    /// Calls the body with the MessagePack of the event and its arguments.
    func withMessagePack<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        memory.withUnsafeMutablePointers { header, start in
            let header = header.pointee
            return body(UnsafeBufferPointer(start: start + header.jsonCount, count: header.count - header.jsonCount))
        }
    }

    static func == (left: EncodedEvent, right: EncodedEvent) -> Bool {
        left.memory === right.memory
            || left.event == right.event
                && left.withJSON { json in right.withJSON { json.elementsEqual($0) } }
                && left.withMessagePack { packed in right.withMessagePack { packed.elementsEqual($0) } }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(event)
        withMessagePack { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}
