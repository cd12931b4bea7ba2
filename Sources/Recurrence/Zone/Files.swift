import Glibc

/// What came of reading a file.
enum FileContents {
    case bytes([UInt8])
    case absent
    case failed(reason: String)
}

/// Reads a regular file of at most `limit` bytes.
func readFile(_ path: String, limit: Int) -> FileContents {
    // Without O_NONBLOCK the opening of a pipe would wait for its writer.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
        return errno == ENOENT || errno == ENOTDIR ? .absent : .failed(reason: String(cString: strerror(errno)))
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .absent }
    guard status.st_size <= limit else { return .failed(reason: "it is larger than \(limit) bytes") }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= limit {
        let count = read(file, &chunk, chunk.count)
        if count == 0 { return .bytes(bytes) }
        if count > 0 {
            bytes += chunk[..<count]
        } else if errno != EINTR {
            return .failed(reason: String(cString: strerror(errno)))
        }
    }
    return .failed(reason: "it grows while it is read")
}

/// The first line of a text file without the spaces around it, or nil when there is none.
func firstLine(ofFile path: String) -> String? {
    guard case .bytes(let bytes) = readFile(path, limit: 1 << 20) else { return nil }
    let line = String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    let words = line.split(whereSeparator: \.isWhitespace)
    return words.isEmpty ? nil : words.joined(separator: " ")
}

/// Whether a path names a folder, through links.
func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// The names in a folder, in no order; none when it cannot be read.
func folderEntries(_ path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            names.append(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))
        }
    }
    return names.filter { $0 != "." && $0 != ".." }
}

/// Where a symbolic link points to, or nil when it is none.
func linkTarget(_ path: String) -> String? {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &buffer, buffer.count)
    return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
}

/// The path without any link in it, or nil when there is no such file.
func resolvedPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
}
