/// The English names of the months, January first.
private let monthNames = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]

/// The number, 1 to 12, of a month given in lower case in full, by its first three letters, or as `sept`.
func monthNumber(named name: String) -> Int? {
    if name == "sept" { return 9 }
    return monthNames.firstIndex { full in
        let full = full.lowercased()
        return full == name || full.prefix(3) == name
    }.map { $0 + 1 }
}

/// The first three letters of the name of a month (1 to 12), such as `Nov`.
func monthAbbreviation(_ month: Int) -> String {
    String(monthNames[month - 1].prefix(3))
}

/// The English name of a month (1 to 12).
func monthName(_ month: Int) -> String {
    monthNames[month - 1]
}
