import SocketIOEmitter
import Testing

@Suite struct BroadcastPatternTests {
    @Test(
        "What Redis would read as a wildcard in a prefix is escaped",
        arguments: [
            ("socket.io", "socket.io#*"), ("a*b?c", "a\\*b\\?c#*"), ("[x]\\", "\\[x\\]\\\\#*"),
            ("*\u{301}", "\\*\u{301}#*"),
        ] as [(String, String)]
    )
    func escaped(_ prefix: String, _ pattern: String) {
        let patterns = Wire.classic(ClassicWire(prefix: prefix)).patterns
        #expect(patterns.first.map { Array($0.unicodeScalars) } == Array(pattern.unicodeScalars))
    }
}
