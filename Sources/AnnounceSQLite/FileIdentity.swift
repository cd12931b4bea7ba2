import Glibc

/// What tells a file from another of the same name.
struct FileIdentity: Equatable {
    private let device: UInt64
    private let file: UInt64

    /// The file that is at a path now; nil when there is none.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        file = UInt64(status.st_ino)
    }
}
