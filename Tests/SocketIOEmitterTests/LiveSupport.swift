import AnnounceTestKit
import Logging
import Testing

@testable import SocketIOEmitter

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

extension RedisServer {
    /// A configuration for this server; a patient one, because the machine may be busy.
    func configuration(
        userInfo: String = "",
        database: Int = 0,
        connectTimeout: Duration = .seconds(20),
        commandTimeout: Duration = .seconds(20)
    ) throws -> RedisConfiguration {
        let place = url.replacing("://", with: "://\(userInfo)", maxReplacements: 1)
        var configuration = try RedisConfiguration(url: place)
        configuration.database = database
        configuration.connectTimeout = connectTimeout
        configuration.commandTimeout = commandTimeout
        return configuration
    }

    func client(_ configuration: RedisConfiguration? = nil) throws -> RedisClient {
        RedisClient(configuration: try configuration ?? self.configuration(), logger: quiet)
    }
}

extension RedisClusterServers {
    /// A patient client of the cluster, or of another URL.
    func client(_ url: String? = nil) throws -> RedisClient {
        var configuration = try RedisConfiguration(url: try url ?? self.url)
        configuration.connectTimeout = .seconds(20)
        configuration.commandTimeout = .seconds(20)
        return RedisClient(configuration: configuration, logger: quiet)
    }

    /// A name whose slot belongs to the master of this number.
    func name(at master: Int, prefix: String = "k") throws -> String {
        try #require(
            (0..<1000).lazy.map { "\(prefix)\($0)" }.first {
                Self.slots[master].contains(HashSlot.slot(of: Array($0.utf8)))
            }
        )
    }
}

/// A call that should have failed returned this.
struct NoErrorThrown: Error, CustomStringConvertible {
    let description: String
}

/// The error that an asynchronous call throws; the test fails when it throws none.
func redisError(_ body: () async throws -> some Sendable) async throws -> RedisError {
    let value: String
    do {
        value = "\(try await body())"
    } catch let error as RedisError {
        return error
    }
    throw NoErrorThrown(description: "it returned \(value.prefix(200))")
}
