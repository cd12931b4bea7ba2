import CHiredis
import NIOCore

/// Reads replies out of the bytes of a connection; owns hiredis' incremental parser.
///
/// Feed it whatever arrived, then take replies until there is none. Only fields that hiredis 0.14 and 1.x share by
/// name are used.
struct ReplyReader: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>

    init() throws(RedisError) {
        guard let reader = redisReaderCreate() else {
            throw RedisError(
                code: .outOfMemory,
                message: "There is no memory for a Redis connection. Free memory on this machine."
            )
        }
        // 0 keeps the buffer between replies; by default it is freed whenever it grew beyond 16 KiB and ran empty.
        reader.pointee.maxbuf = 0
        self.reader = reader
    }

    deinit {
        redisReaderFree(reader)
    }

    /// Takes bytes in the order in which they arrived.
    ///
    /// - Throws: `.protocol` when the parser has failed before, or has no memory.
    func feed(_ buffer: ByteBuffer) throws(RedisError) {
        let status = buffer.withUnsafeReadableBytes { [reader] bytes in
            let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            return redisReaderFeed(reader, start, bytes.count)
        }
        guard status == REDIS_OK else { throw failure() }
    }

    /// The next complete reply, or nil until more bytes come.
    ///
    /// - Throws: `.protocol` when the bytes are not the Redis protocol; the connection is of no use after that.
    func next() throws(RedisError) -> RedisReply? {
        var raw: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &raw) == REDIS_OK else { throw failure() }
        guard let raw else { return nil }
        defer { freeReplyObject(raw) }
        return try Self.reply(raw.assumingMemoryBound(to: redisReply.self))
    }

    private static func reply(_ reply: UnsafePointer<redisReply>) throws(RedisError) -> RedisReply {
        switch reply.pointee.type {
        case REDIS_REPLY_INTEGER: return .integer(Int64(reply.pointee.integer))
        case REDIS_REPLY_STATUS: return .status(String(decoding: bytes(reply), as: UTF8.self))
        case REDIS_REPLY_STRING: return .string(Array(bytes(reply)))
        case REDIS_REPLY_ERROR: return .error(String(decoding: bytes(reply), as: UTF8.self))
        case REDIS_REPLY_NIL: return .null
        case REDIS_REPLY_ARRAY: return .array(try elements(reply))
        default: throw notRedis("it sent a reply of RESP type \(reply.pointee.type)")
        }
    }

    private static func elements(_ reply: UnsafePointer<redisReply>) throws(RedisError) -> [RedisReply] {
        var result: [RedisReply] = []
        let count = Int(reply.pointee.elements)
        result.reserveCapacity(count)
        guard let elements = reply.pointee.element else { return result }
        for index in 0..<count {
            guard let element = elements[index] else { throw notRedis("it sent an incomplete list") }
            result.append(try Self.reply(element))
        }
        return result
    }

    private static func bytes(_ reply: UnsafePointer<redisReply>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: reply.pointee.str, count: Int(reply.pointee.len))
    }

    private func failure() -> RedisError {
        let text = withUnsafeBytes(of: &reader.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return Self.notRedis(text)
    }

    private static func notRedis(_ what: String) -> RedisError {
        // An alert of TLS is a record of type 21 (RFC 8446 5.1), which hiredis shows like this.
        if what.contains(#""\x15""#) {
            return RedisError(
                code: .tls,
                message: "The server speaks TLS on this port. Write rediss:// in the Redis URL, or the port without."
            )
        }
        return RedisError(
            code: .protocol,
            message: "The server does not speak the Redis protocol (\(what)). "
                + "Check host and port, and whether it wants TLS."
        )
    }
}
