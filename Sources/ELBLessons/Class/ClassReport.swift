package import ELBConformance

/// A class as it was graded: what every table and page is made from.
package struct ClassReport: Sendable {
    package var columns: [ClassPlan.Column]
    package var students: [ClassPlan.Student]
    /// By student, then by column.
    package var cells: [[Cell]]
    package var remarks: [String]
    package var seed: UInt64
    /// Submissions judged in this run; the others were known.
    package var judged: Int

    package init(
        columns: [ClassPlan.Column],
        students: [ClassPlan.Student],
        cells: [[Cell]],
        remarks: [String],
        seed: UInt64,
        judged: Int
    ) {
        self.columns = columns
        self.students = students
        self.cells = cells
        self.remarks = remarks
        self.seed = seed
        self.judged = judged
    }

    /// What became of one submission, in one word.
    package enum Standing: String, Hashable, Sendable, CaseIterable {
        case pass
        case fail
        case notGradable = "not-gradable"
        case timeout
        /// Ours; the next run tries again.
        case error
        case missing
    }

    /// One student's one exercise.
    package struct Cell: Hashable, Sendable {
        /// `nil` where nothing could be read.
        package var result: SubmissionResult?
        /// Why nothing could be read; empty where nothing was handed in.
        package var problems: [String]
        package var review: [ReviewFlag]
        package var maxPoints: Int

        package init(
            result: SubmissionResult? = nil,
            problems: [String] = [],
            review: [ReviewFlag] = [],
            maxPoints: Int
        ) {
            self.result = result
            self.problems = problems
            self.review = review
            self.maxPoints = maxPoints
        }

        package var points: Int { self.result?.score ?? 0 }

        package var standing: Standing {
            guard let result else { return self.problems.isEmpty ? .missing : .notGradable }
            switch result.runVerdict {
            case .pass: return .pass
            case .fail: return .fail
            case .notGradable: return .notGradable
            case .error: return .error
            case .timeout: return .timeout
            }
        }

        /// Why there are no checks, a line each.
        package var reasons: [String] {
            guard let result else { return self.problems }
            return result.formatErrors + (result.reason.map { [$0] } ?? [])
        }
    }

    package func points(of student: Int) -> Int { self.cells[student].reduce(0) { $0 + $1.points } }
    package var maxPoints: Int { self.columns.reduce(0) { $0 + $1.exercise.maxPoints } }
    package func count(_ standing: Standing) -> Int { self.cells.joined().count { $0.standing == standing } }

    /// The verdict on the whole, from which the exit code is made: our errors first, because the marks are not whole then.
    package var verdict: RunVerdict {
        let standings = Set(self.cells.joined().map(\.standing))
        if standings.contains(.error) { return .error }
        if standings.isSubset(of: [.pass]) { return .pass }
        if standings.isSubset(of: [.missing, .notGradable]) { return .notGradable }
        if standings.isSubset(of: [.pass, .timeout]) { return .timeout }
        return .fail
    }

    /// The same with numbers in place of names, in an order that tells nothing.
    ///
    /// - Parameter digest: of bytes; draws the order from the seed.
    package func anonymous(_ digest: ([UInt8]) -> String) -> ClassReport {
        let order = self.order(digest)
        let width = "\(order.count)".count
        var numbers: [String: String] = [:]
        for (place, index) in order.enumerated() {
            let number = "\(place + 1)"
            let padded = String(repeating: "0", count: width - number.count) + number
            numbers[self.students[index].id] = "student-\(padded)"
        }
        var report = self
        report.students = order.map {
            let number = numbers[self.students[$0].id] ?? ""
            return ClassPlan.Student(id: number, name: number)
        }
        report.cells = order.map { index in
            self.cells[index].map { cell in
                var cell = cell
                cell.review = cell.review.map { flag in
                    var flag = flag
                    flag.others = flag.others.map { numbers[$0] ?? "" }.sorted()
                    // Evidence is what somebody wrote, and may hold a name.
                    flag.evidence = []
                    return flag
                }
                return cell
            }
        }
        report.remarks = []
        return report
    }

    /// Who has which number, in the anonymous report's order.
    package func names(of anonymous: ClassReport, _ digest: ([UInt8]) -> String) -> [[String]] {
        zip(anonymous.students, self.order(digest)).map { [$0.id, self.students[$1].id, self.students[$1].name] }
    }

    /// Students in an order that only the seed knows.
    private func order(_ digest: ([UInt8]) -> String) -> [Int] {
        let draws = self.students.map { digest(Array("\(self.seed) \($0.id)".utf8)) }
        return self.students.indices.sorted { draws[$0] < draws[$1] }
    }
}
