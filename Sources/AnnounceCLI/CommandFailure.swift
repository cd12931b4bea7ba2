import Announce
import Recurrence
import SocketIOEmitter

/// Why a command could not do its work: the sentence for a person, the exit code for a script (`sysexits.h`).
struct CommandFailure: Error, Hashable {
    /// What is wrong and what to do.
    let message: String
    /// The exit code.
    let exitCode: Int32

    init(_ message: String, exitCode: Int32) {
        self.message = message
        self.exitCode = exitCode
    }
}

extension CommandFailure {
    static let dataError: Int32 = 65
    /// The words of the command line do not fit together.
    static let usage: Int32 = 64
    static let notFound: Int32 = 66
    static let unavailable: Int32 = 69
    static let internalError: Int32 = 70
    static let cannotCreate: Int32 = 73
    static let tryAgain: Int32 = 75
    static let permission: Int32 = 77
    static let configuration: Int32 = 78

    init(_ error: AnnounceError) {
        let exitCodes: [AnnounceError.Code: Int32] = [
            .invalidValue: Self.dataError,
            .conflict: Self.dataError,
            .notFound: Self.notFound,
            .nameTaken: Self.cannotCreate,
            .changed: Self.tryAgain,
            .notLeader: Self.tryAgain,
            .held: Self.tryAgain,
            .storeUnavailable: Self.unavailable,
            .storeGone: Self.configuration,
            .storeCannotBeCreated: Self.cannotCreate,
            .storePermission: Self.permission,
            .storeSchema: Self.configuration,
        ]
        self.init("\(error)", exitCode: exitCodes[error.code] ?? Self.internalError)
    }

    init(_ error: EmitterError) {
        let exitCode =
            switch (error.code, error.redis?.code) {
            case (_, .authentication), (_, .permission), (_, .tls): Self.permission
            case (.redis, _), (.conflict, _): Self.unavailable
            default: Self.dataError
            }
        self.init(error.message, exitCode: exitCode)
    }

    init(_ error: RedisError) {
        self.init(EmitterError(error))
    }

    init(_ error: TimeExpressionError) {
        self.init("\(error)", exitCode: Self.dataError)
    }

    init(_ error: CronError) {
        self.init("\(error)", exitCode: Self.dataError)
    }

    init(_ error: RecurrenceRuleError) {
        self.init("\(error)", exitCode: Self.dataError)
    }

    init(_ error: ZoneError) {
        self.init("\(error)", exitCode: Self.dataError)
    }
}

/// Runs what a command does and gives each kind of failure its exit code.
func reportingFailures<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
        return try await body()
    } catch let error as AnnounceError {
        throw CommandFailure(error)
    } catch let error as EmitterError {
        throw CommandFailure(error)
    } catch let error as RedisError {
        throw CommandFailure(error)
    } catch let error as TimeExpressionError {
        throw CommandFailure(error)
    } catch let error as CronError {
        throw CommandFailure(error)
    } catch let error as RecurrenceRuleError {
        throw CommandFailure(error)
    } catch let error as ZoneError {
        throw CommandFailure(error)
    } catch let error as PublishError {
        throw CommandFailure(
            error.message,
            exitCode: error.needsOperator ? CommandFailure.permission : CommandFailure.unavailable
        )
    }
}
