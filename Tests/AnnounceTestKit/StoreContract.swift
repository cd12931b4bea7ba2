import Announce
import Payload
import Recurrence

/// What every store must do; a backend exists when it passes all of it.
///
/// ```swift
/// @Test(arguments: StoreContract.Clause.all)
/// func contract(_ clause: StoreContract.Clause) async throws {
///     let folder = try TemporaryFolder()
///     try await clause.check { try SQLiteStore(path: folder.file("a.sqlite")) }
/// }
/// ```
public enum StoreContract {
    /// Opens the one store of a check; each call opens it again, as another process does.
    public typealias Open = @Sendable () async throws -> any AnnouncementStore

    /// One promise of a store.
    public struct Clause: Sendable, CustomStringConvertible {
        /// The promise in words.
        public let description: String
        private let body: @Sendable (Open) async throws -> Void

        init(_ description: String, _ body: @escaping @Sendable (Open) async throws -> Void) {
            self.description = description
            self.body = body
        }

        /// Checks a store against the promise.
        ///
        /// - Throws: ``Violation``, or what the store throws.
        public func check(_ open: Open) async throws {
            try await body(open)
        }
    }

    /// A store that breaks a promise.
    public struct Violation: Error, CustomStringConvertible {
        /// What was expected and what was there.
        public let description: String
    }

    static func require<Value: Equatable>(
        _ found: Value,
        _ expected: Value,
        _ what: String,
        line: Int = #line
    ) throws {
        if found != expected { throw Violation(description: "\(what): \(found) instead of \(expected) (line \(line))") }
    }

    static func requireError(
        _ code: AnnounceError.Code,
        _ what: String,
        _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch let error as AnnounceError {
            return try require(error.code, code, what)
        }
        throw Violation(description: "\(what): no error")
    }
}

extension StoreContract.Clause {
    /// All promises.
    public static let all: [StoreContract.Clause] =
        people + changes + operators + imports + dispatch + batches + upkeep + leases
}
