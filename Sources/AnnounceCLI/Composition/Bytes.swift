import Glibc

/// All bytes of a file, or of standard input.
enum Bytes {
    /// Reads an open descriptor to its end; `nil` when that fails, with the reason in `errno`.
    static func all(of descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        var status = stat()
        // For what is no file it is 0.
        if fstat(descriptor, &status) == 0 { bytes.reserveCapacity(max(0, Int(status.st_size))) }
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count > 0 { bytes += chunk[..<count] }
            if count == 0 { return bytes }
            if count < 0 && errno != EINTR { return nil }
        }
    }

    /// Reads a file; `nil` when that fails, with the reason in `errno`.
    static func all(ofFile path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { return nil }
        defer { close(descriptor) }
        return all(of: descriptor)
    }
}
