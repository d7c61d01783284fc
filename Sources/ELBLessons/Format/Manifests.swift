/// `lessons/index.yaml`: the order of the lessons and how they hang together.
package struct LessonIndex: Hashable, Sendable {
    package var entries: [Entry]

    package struct Entry: Hashable, Sendable {
        package var id: String
        /// What a reader who does every step and the exercise will need.
        package var minutes: Int
        package var difficulty: Difficulty
        /// Lessons that this one builds on; they stand earlier in the index.
        package var needs: [String]
        /// Sections of the study notes that the lesson covers.
        package var notes: LocalizedText
    }

    /// Easy is under 15 minutes of thinking, medium 30 to 60, hard above.
    package enum Difficulty: String, Hashable, Sendable, CaseIterable {
        case easy
        case medium
        case hard
    }

    package init(path: String) throws {
        let root = try YAMLReader(path: path)
        try root.allow(keys: ["lessons"])
        var seen: Set<String> = []
        self.entries = try root.required("lessons").list().map { entry in
            try entry.allow(keys: ["id", "minutes", "difficulty", "needs", "notes"])
            let id = try entry.required("id").string()
            let needs = try entry.optional("needs")?.strings() ?? []
            for need in needs where !seen.contains(need) {
                throw entry.error("'\(id)' needs '\(need)', which does not stand before it")
            }
            guard seen.insert(id).inserted else { throw entry.error("'\(id)' stands here twice") }
            return Entry(
                id: id,
                minutes: try entry.required("minutes").int(),
                difficulty: try entry.required("difficulty").choice(of: Difficulty.self),
                needs: needs,
                notes: try entry.required("notes").localized()
            )
        }
    }
}

/// `lesson.yaml`: what a lesson is about.
package struct LessonManifest: Hashable, Sendable {
    package var id: String
    package var title: LocalizedText
    /// What a learner can do afterwards.
    package var goals: [LocalizedText]
    /// Features of the lab that the steps use.
    package var features: [String]
    /// Pages of AWS's guide that the lesson rests on.
    package var references: [String]
    /// Marks of the slips it corrects; each page carries `<!-- slip: MARK -->` where it does.
    package var slips: [String]

    package init(path: String) throws {
        let root = try YAMLReader(path: path)
        try root.allow(keys: ["id", "title", "goals", "features", "references", "slips"])
        self.id = try root.required("id").string()
        self.title = try root.required("title").localized()
        self.goals = try root.required("goals").list().map { try $0.localized() }
        self.features = try root.required("features").strings()
        self.references = try root.required("references").strings()
        self.slips = try root.required("slips").strings()
    }
}

/// `exercise.yaml`: what the learner edits and on what it is judged.
package struct ExerciseManifest: Hashable, Sendable {
    package var id: String
    package var kind: Kind
    package var title: LocalizedText
    /// The file the learner edits, in the starter's folder.
    package var answer: String
    /// How many AWS seconds pass in one real second while the answer is judged.
    package var timeScale: Int
    /// Servers the template must describe, by logical id: the lesson's fleet, which the answer may not replace.
    package var fleet: [String]
    /// A template beside the starter: what a prediction is about, or what the lab of a `cli` exercise begins with. The grader
    /// reads the lesson's own, never the learner's copy.
    package var template: String?
    /// Languages that a starter and a solution stand in, of a `code` exercise; the first is the usual one. None: in no folder of its
    /// own.
    package var languages: [String]

    /// Kinds of the curriculum. `diagnose` comes with a later lesson.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// The learner writes a template.
        case config
        /// The learner fills in what a run will show.
        case predict
        /// The learner makes it with the `aws` command; the answer is a script of its calls.
        case cli
        /// The learner writes a balancer; the answer is the file that says how it is started.
        case code
    }

    package init(path: String) throws {
        let root = try YAMLReader(path: path)
        try root.allow(keys: ["id", "kind", "title", "answer", "time-scale", "fleet", "template", "languages"])
        self.id = try root.required("id").string()
        self.kind = try root.required("kind").choice(of: Kind.self)
        self.title = try root.required("title").localized()
        self.answer = try root.required("answer").string()
        let scale = try root.required("time-scale")
        self.timeScale = try scale.int()
        guard (1...100).contains(self.timeScale) else { throw scale.error("time-scale must be 1 to 100") }
        self.fleet = try root.optional("fleet")?.strings() ?? []
        self.template = try root.optional("template")?.string()
        let languages = root.optional("languages")
        self.languages = try languages?.strings() ?? []
        if let languages,
            self.kind != .code || self.languages.isEmpty || Set(self.languages).count < self.languages.count
        {
            throw languages.error("languages name each language of a 'code' exercise once")
        }
        switch self.kind {
        case .config: _ = try root.required("fleet")
        case .predict, .cli: _ = try root.required("template")
        case .code: break
        }
    }
}

/// `glossary.yaml`: one word for one thing, in both languages.
package struct Glossary: Hashable, Sendable {
    package var terms: [Term]

    package struct Term: Hashable, Sendable {
        package var term: String
        package var name: LocalizedText
        package var meaning: LocalizedText
        package var reference: String
    }

    package init(path: String) throws {
        let root = try YAMLReader(path: path)
        try root.allow(keys: ["terms"])
        self.terms = try root.required("terms").list().map { entry in
            try entry.allow(keys: ["term", "en", "ko", "means", "ref"])
            return Term(
                term: try entry.required("term").string(),
                name: LocalizedText(en: try entry.required("en").string(), ko: try entry.required("ko").string()),
                meaning: try entry.required("means").localized(),
                reference: try entry.required("ref").string()
            )
        }
    }
}

/// An entry of `quirks.yaml`, or `expect.yaml` beside a wrong answer: what must be found when something is wrong.
package struct ExpectedFailures: Hashable, Sendable {
    /// Checks that must fail, exactly these.
    package var fails: Set<String>
    /// Checks that must be blocked by a failed one, exactly these; every other check must pass.
    package var blocked: Set<String>
    /// The answer is refused before anything runs, with a message that contains this.
    package var notGradable: String?
    /// The exercise that is meant, by its id; the lesson's first if `nil`.
    package var exercise: String?

    init(_ reader: YAMLReader) throws {
        self.fails = Set(try reader.optional("fails")?.strings() ?? [])
        self.blocked = Set(try reader.optional("blocked")?.strings() ?? [])
        self.notGradable = try reader.optional("not-gradable")?.string()
        self.exercise = try reader.optional("exercise")?.string()
        if self.notGradable == nil {
            guard !self.fails.isEmpty else { throw reader.error("'fails' names no check, so it proves nothing") }
        } else if !self.fails.isEmpty || !self.blocked.isEmpty {
            throw reader.error("an answer that is not gradable fails no check")
        }
    }

    /// Reads `expect.yaml` of a wrong answer, and why a learner may have written it.
    package static func wrongAnswer(path: String) throws -> (why: LocalizedText, expected: ExpectedFailures) {
        let root = try YAMLReader(path: path)
        try root.allow(keys: ["why", "fails", "blocked", "not-gradable", "exercise"])
        return (try root.required("why").localized(), try ExpectedFailures(root))
    }

    /// Reads `quirks.yaml`: the model solution, on a balancer with the named fault, must fail these checks.
    package static func quirks(path: String) throws -> [(quirk: String, expected: ExpectedFailures)] {
        let root = try YAMLReader(path: path)
        try root.allow(keys: ["quirks"])
        return try root.required("quirks").list().map { entry in
            try entry.allow(keys: ["quirk", "fails", "blocked", "exercise"])
            return (try entry.required("quirk").string(), try ExpectedFailures(entry))
        }
    }
}
