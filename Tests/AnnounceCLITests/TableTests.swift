import Testing

@testable import AnnounceCLI

/// Tables for people.
@Suite struct TableTests {
    private func table() -> Table {
        var table = Table("ID", "NAME", "MESSAGE", flexible: [1, 2])
        table.add("1", "coffee", "Coffee is ready, and there is cake in the kitchen")
        table.add("2", "日本語のお知らせ", "短い", colour: .yellow)
        return table
    }

    @Test("Columns are as wide as their widest cell, wide characters counted as two")
    func columns() {
        #expect(
            table().lines() == [
                "ID  NAME              MESSAGE",
                "1   coffee            Coffee is ready, and there is cake in the kitchen",
                "2   日本語のお知らせ  短い",
            ]
        )
    }

    @Test("What is too wide is cut in the widest columns that may be, and never in the others", arguments: 10...90)
    func width(_ width: Int) {
        let lines = table().lines(width: width)
        let least = 2 + 2 + 8 + 2 + 8
        for line in lines { #expect(line.columns <= max(width, least), "\(line)") }
        #expect(lines[1].hasPrefix("1   "))
        if width < 60 { #expect(lines[1].contains("…")) }
    }

    @Test("Control characters do not reach the terminal")
    func control() {
        var table = Table("A")
        table.add("a\u{1B}[31mb\nc")
        #expect(table.lines()[1] == "a [31mb c")
    }

    @Test("Colours are those of rows, and only where they are wanted")
    func colour() {
        #expect(table().lines(hasColour: true)[2].hasPrefix("\u{1B}[33m2 "))
        #expect(!table().lines(hasColour: false).joined().contains("\u{1B}"))
    }

    @Test(
        "Places of a terminal are counted as it does",
        arguments: [("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("🎉", 2), ("ｱ", 1), ("Ａ", 2), ("👨‍👩‍👧", 2)]
    )
    func columns(_ text: String, _ expected: Int) {
        #expect(text.columns == expected)
    }
}
