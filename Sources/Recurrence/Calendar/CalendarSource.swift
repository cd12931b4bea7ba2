/// An iCalendar file with its text, to be stored with what it is used for.
public struct CalendarSource: Hashable, Sendable {
    /// What people call it, such as the file's name.
    public let name: String
    /// The file's text.
    public let text: String
    /// What it says.
    public let file: CalendarFile

    /// Reads a file's text.
    ///
    /// - Throws: ``CalendarError``, with the line.
    public init(name: String, text: String) throws(CalendarError) {
        self.name = name
        self.text = text
        file = try CalendarFile(text)
    }

    /// Compares names and texts.
    public static func == (left: CalendarSource, right: CalendarSource) -> Bool {
        left.name == right.name && left.text == right.text
    }

    /// Adds name and text to a hash.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(text)
    }
}
