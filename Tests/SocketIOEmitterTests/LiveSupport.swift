import AnnounceTestKit
import Logging
import SocketIOEmitter

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
