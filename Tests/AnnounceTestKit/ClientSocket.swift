import Foundation
import Synchronization

/// A blocking socket for looking at a server without the code under test.
final class ClientSocket {
    private let descriptor: CInt

    /// Connects, and gives up reading after a second.
    init(_ endpoint: RedisServer.Endpoint) throws {
        switch endpoint {
        case .tcp(let port): descriptor = try Self.connect(AF_INET, Self.address(port: port))
        case .unix(let path): descriptor = try Self.connect(AF_UNIX, Self.address(path: path))
        }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
    }

    /// Sends a text and returns what can be read first; nil at the end of the connection.
    func exchange(_ text: String) throws -> String? {
        let bytes = Array(text.utf8)
        guard send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count else { throw Self.error("send") }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Self.error("recv") }
        return count == 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    fileprivate static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return address
    }

    private static func address(path: String) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return address
    }

    private static func connect<Address>(_ family: CInt, _ address: Address) throws -> CInt {
        let descriptor = socket(family, streamSocket | closeOnExec, 0)
        guard descriptor >= 0 else { throw error("socket") }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard result == 0 else {
            let error = error("connect")
            close(descriptor)
            throw error
        }
        return descriptor
    }

    static func error(_ call: String) -> RedisServer.Failure {
        RedisServer.Failure(description: "\(call): \(String(cString: strerror(errno)))")
    }

    fileprivate static let streamSocket = CInt(SOCK_STREAM.rawValue)
    fileprivate static let closeOnExec = CInt(SOCK_CLOEXEC.rawValue)
}

/// Ports that this process has given out.
private let usedPorts = Mutex(Set<UInt16>())

/// A port of 127.0.0.1 on which nothing listens now, another one each time.
///
/// It is below the range from which the system takes the ports of outgoing connections, so that none of those can
/// take it before the server does.
public func freePort() throws -> UInt16 {
    for _ in 0..<1000 {
        let port = UInt16.random(in: 20000..<32000)
        if usedPorts.withLock({ $0.insert(port).inserted }), try canBind(port) { return port }
    }
    throw RedisServer.Failure(description: "no free port between 20000 and 32000")
}

private func canBind(_ port: UInt16) throws -> Bool {
    let descriptor = socket(AF_INET, ClientSocket.streamSocket | ClientSocket.closeOnExec, 0)
    guard descriptor >= 0 else { throw ClientSocket.error("socket") }
    defer { close(descriptor) }
    return withUnsafePointer(to: ClientSocket.address(port: port)) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
