import ELBConformance

/// Grades a class: what is known and still holds is kept, the rest is judged, several at a time, and every result is on the disk before
/// the next one begins. Whatever ends a run, the next one goes on where it stopped.
package struct ClassGrader: Sendable {
    package var store: ResultStore
    package var seed: UInt64
    package var jobs: Int
    /// The version of this program, and what else a result depends on that is the same for all.
    package var version: String
    package var digest: @Sendable ([UInt8]) -> String
    /// Digest of this program's own file.
    package var ownDigest: String?
    /// Judges one submission.
    package var judge: @Sendable (Submission, ClassPlan.Column) async throws -> SubmissionResult

    package init(
        store: ResultStore,
        seed: UInt64,
        jobs: Int,
        version: String,
        digest: @escaping @Sendable ([UInt8]) -> String,
        ownDigest: String?,
        judge: @escaping @Sendable (Submission, ClassPlan.Column) async throws -> SubmissionResult
    ) {
        self.store = store
        self.seed = seed
        self.jobs = jobs
        self.version = version
        self.digest = digest
        self.ownDigest = ownDigest
        self.judge = judge
    }

    /// A submission that must be judged.
    private struct Job: Sendable {
        var student: Int
        var column: Int
        var folder: String
        var file: String
        /// Digest of the exercise and of all that is the same for every submission.
        var kit: String
    }

    /// What can be said of a submission before it is judged.
    private struct Survey {
        var normalised: String
        var isStarter: Bool
        var proxy: ReviewFlag?
    }

    /// Judges what has to be judged.
    ///
    /// - Parameter progress: told how many of how many have been judged.
    /// - Throws: when a result cannot be kept; what has been judged before is kept.
    package func run(
        _ plan: ClassPlan,
        progress: @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) async throws -> ClassReport {
        var cells = plan.cells.map { _ in plan.columns.map { ClassReport.Cell(maxPoints: $0.exercise.maxPoints) } }
        var surveys: [[Survey?]] = plan.cells.map { $0.map { _ in nil } }
        var jobs: [Job] = []
        for (number, column) in plan.columns.enumerated() {
            let kit = try self.kit(of: column.exercise)
            let search = try StarterSearch(column.exercise)
            for student in plan.students.indices {
                switch plan.cells[student][number] {
                case .missing: continue
                case .unreadable(let problems): cells[student][number].problems = problems
                case .answer(let folder, let file):
                    do {
                        let submission = try self.read(folder, file, column)
                        surveys[student][number] = self.survey(submission, column.exercise, search)
                        let key = self.key(of: submission, kit: kit)
                        cells[student][number].result = self.store.result(
                            at: self.path(plan, student, number),
                            key: key
                        )
                        guard cells[student][number].result == nil else { continue }
                        jobs.append(Job(student: student, column: number, folder: folder, file: file, kit: kit))
                    } catch {
                        cells[student][number].problems = error.lines
                    }
                }
            }
        }
        progress(0, jobs.count)
        try await self.judge(jobs, plan, progress) { job, cell in cells[job.student][job.column] = cell }
        self.addFlags(surveys, plan, to: &cells)
        return ClassReport(
            columns: plan.columns,
            students: plan.students,
            cells: cells,
            remarks: plan.remarks,
            seed: self.seed,
            judged: jobs.count
        )
    }

    // MARK: What a result depends on

    private func kit(of exercise: Exercise) throws -> String {
        do {
            let files = try Submission.read(folder: exercise.folder, answer: "checks.yaml", isWhole: true, isOurs: true)
            return self.digest(files.identity)
        } catch {
            throw LessonError(file: exercise.folder, error.lines.joined(separator: "; "))
        }
    }

    private func key(of submission: Submission, kit: String) -> String {
        self.digest(Array("\(self.version) \(self.seed) \(kit) \(self.digest(submission.identity))".utf8))
    }

    private func path(_ plan: ClassPlan, _ student: Int, _ column: Int) -> String {
        self.store.path(
            student: plan.students[student].id,
            lesson: plan.columns[column].lesson.id,
            exercise: plan.columns[column].exercise.id
        )
    }

    private func read(
        _ folder: String,
        _ file: String,
        _ column: ClassPlan.Column
    ) throws(Submission.Unreadable) -> Submission {
        let isWhole = column.exercise.manifest.kind == .code
        return try Submission.read(folder: folder, answer: file, isWhole: isWhole)
    }

    // MARK: Judging

    private func judge(
        _ jobs: [Job],
        _ plan: ClassPlan,
        _ progress: @Sendable (Int, Int) -> Void,
        _ record: (Job, ClassReport.Cell) -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: (Job, ClassReport.Cell).self) { group in
            var waiting = jobs[...]
            for _ in 0..<self.jobs {
                guard let job = waiting.popFirst() else { break }
                group.addTask { (job, try await self.judge(job, plan)) }
            }
            var done = 0
            while let (job, cell) = try await group.next() {
                record(job, cell)
                done += 1
                progress(done, jobs.count)
                guard let job = waiting.popFirst() else { continue }
                group.addTask { (job, try await self.judge(job, plan)) }
            }
        }
    }

    /// Read again: what is judged and what the key is made of must be the same bytes, and a class does not fit into memory.
    private func judge(_ job: Job, _ plan: ClassPlan) async throws -> ClassReport.Cell {
        let column = plan.columns[job.column]
        var cell = ClassReport.Cell(maxPoints: column.exercise.maxPoints)
        let submission: Submission
        do {
            submission = try self.read(job.folder, job.file, column)
        } catch {
            cell.problems = error.lines
            return cell
        }
        var result = try await self.judge(submission, column)
        // What the machine has spoilt is tried once more; what failed is not.
        if result.runVerdict == .error { result = try await self.judge(submission, column) }
        try Task.checkCancellation()
        result.subject = .init(id: plan.students[job.student].id)
        // An error of ours is kept for whoever looks, and has no key: the next run tries again.
        result.key = result.runVerdict == .error ? nil : self.key(of: submission, kit: job.kit)
        try self.store.keep(result, at: self.path(plan, job.student, job.column))
        cell.result = result
        return cell
    }

    // MARK: What a person should look at

    private func survey(_ submission: Submission, _ exercise: Exercise, _ starter: StarterSearch) -> Survey {
        let normalised = submission.normalised
        let search = ProxySearch(ownDigest: self.ownDigest, digest: self.digest)
        return Survey(
            normalised: self.digest(normalised),
            isStarter: starter.normalised.contains(normalised),
            proxy: exercise.manifest.kind == .code ? search.flag(submission, known: starter.lines) : nil
        )
    }

    private func addFlags(_ surveys: [[Survey?]], _ plan: ClassPlan, to cells: inout [[ClassReport.Cell]]) {
        for (number, column) in plan.columns.enumerated() {
            var groups: [String: [Int]] = [:]
            for student in plan.students.indices {
                guard let survey = surveys[student][number] else { continue }
                if let proxy = survey.proxy { cells[student][number].review.append(proxy) }
                // Right numbers are right for everybody, and an untouched starter is nobody's work.
                guard column.exercise.manifest.kind != .predict, !survey.isStarter else { continue }
                groups[survey.normalised, default: []].append(student)
            }
            for same in groups.values where same.count > 1 {
                for student in same {
                    let others = same.filter { $0 != student }.map { plan.students[$0].id }
                    cells[student][number].review.append(.init(kind: .identical, others: others, evidence: []))
                }
            }
        }
    }
}

/// What everybody has been given.
private struct StarterSearch {
    /// In each language of the exercise.
    let normalised: [[UInt8]]
    /// Lines of all of them, without blanks in front.
    let lines: Set<String>

    init(_ exercise: Exercise) throws {
        let isWhole = exercise.manifest.kind == .code
        let languages: [String?] = exercise.manifest.languages.isEmpty ? [nil] : exercise.manifest.languages
        do throws(Submission.Unreadable) {
            var starters: [Submission] = []
            for language in languages {
                starters.append(
                    try Submission.read(
                        folder: exercise.starter(in: language),
                        answer: exercise.manifest.answer,
                        isWhole: isWhole,
                        isOurs: true
                    )
                )
            }
            self.normalised = starters.map(\.normalised)
            let texts = starters.flatMap(\.files).compactMap { String(validating: $0.bytes, as: UTF8.self) }
            self.lines = Set(
                texts.flatMap { $0.split(separator: "\n") }.map { String($0.drop(while: \.isWhitespace)) }
            )
        } catch {
            throw LessonError(file: exercise.starter, error.lines.joined(separator: "; "))
        }
    }
}
