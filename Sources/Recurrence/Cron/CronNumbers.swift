/// Puts sets of numbers in words.
enum CronNumbers {
    /// Numbers in order, such as `minute 5`, `days 1 to 7 and 15` or `every 7th minute from 0 to 56`.
    ///
    /// No `unit` is for numbers that stand for themselves, as years do.
    static func text(_ numbers: [Int], unit: String?) -> String {
        guard numbers.count > 1, let first = numbers.first, let last = numbers.last else {
            return (unit.map { "\($0) " } ?? "") + numbers.map(String.init).joined()
        }
        let step = numbers[1] - first
        if step > 1, numbers.count > 3, numbers == Array(stride(from: first, through: last, by: step)) {
            return "every \(ordinal(step)) \(unit ?? "year") from \(first) to \(last)"
        }
        let runs = runs(numbers, count: .max, first: 0)
        return (unit.map { "\($0)s " } ?? "") + englishList(runs.flatMap { words($0, String.init) })
    }

    /// One number after the other, or the ends of three and more.
    static func words(_ run: [Int], _ name: (Int) -> String) -> [String] {
        guard run.count > 2, let first = run.first, let last = run.last else { return run.map(name) }
        return ["\(name(first)) to \(name(last))"]
    }

    /// Numbers cut into stretches that follow each other.
    ///
    /// They belong to a cycle of `count` numbers, whose first follows its last. The stretches begin with `first`,
    /// unless one goes past it.
    static func runs(_ numbers: [Int], count: Int, first: Int) -> [[Int]] {
        func follows(_ number: Int, _ before: Int) -> Bool { (before + 1 - number) % count == 0 }
        var runs: [[Int]] = []
        for number in numbers.filter({ $0 >= first }) + numbers.filter({ $0 < first }) {
            if let last = runs.last?.last, follows(number, last) {
                runs[runs.count - 1].append(number)
            } else {
                runs.append([number])
            }
        }
        if runs.count > 1, let last = runs.last, let end = last.last, follows(runs[0][0], end),
            runs[0].count + last.count > 2
        {
            runs.removeLast()
            runs[0] = last + runs[0]
        }
        return runs
    }

    /// A number as `1st`, `2nd`, `3rd`, `4th`.
    static func ordinal(_ number: Int) -> String {
        switch number % 10 {
        case 1 where number % 100 != 11: "\(number)st"
        case 2 where number % 100 != 12: "\(number)nd"
        case 3 where number % 100 != 13: "\(number)rd"
        default: "\(number)th"
        }
    }
}
