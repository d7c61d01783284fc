/// One check of an exercise, from `checks.yaml`: what is judged, how, and what a learner is told. Its sentences stand there too,
/// `rule` (the rule in one sentence) and `look` (where to look next), or are messages: `check.ID.rule` and `check.ID.look`.
package struct LessonCheck: Sendable {
    package var id: String
    /// Never reused, so that results of different years can be compared.
    package var uuid: String
    package var level: Level
    package var feature: String
    package var points: Int
    /// Checks that must have passed; otherwise this one is blocked.
    package var needs: [String]
    /// Rows of the behaviour catalogue.
    package var behaviours: [String]
    package var reference: String
    package var judge: Judge
    /// Who is told what it judges.
    package var visibility: Visibility
    /// What learners read of it where it is not visible: what it is about, and not how it is asked.
    private var shownAs: LocalizedText?
    private var ruleText: LocalizedText?
    private var lookText: LocalizedText?

    package enum Level: String, Hashable, Sendable, CaseIterable {
        case core
        case extended
        /// New: shown, and counts for nothing in its first release.
        case provisional
    }

    /// In Gradescope's words. Everything but `visible` is kept from learners by the lab itself, which knows no due dates.
    package enum Visibility: String, Hashable, Sendable, CaseIterable {
        case visible
        case afterDueDate = "after_due_date"
        case afterPublished = "after_published"
        case hidden
    }

    /// The check as learners may see it: itself, or its public wording under a number.
    ///
    /// - Parameter number: its place among the hidden checks of the exercise, from 1.
    package func shown(as number: Int) -> LessonCheck {
        guard let shownAs else { return self }
        var check = self
        check.id = "hidden-\(number)"
        check.uuid = ""
        check.feature = ""
        check.needs = []
        check.behaviours = []
        check.reference = "https://docs.aws.amazon.com/elasticloadbalancing/"
        check.ruleText = shownAs
        check.lookText = shownAs
        return check
    }

    /// The rule in one sentence.
    package func rule(_ messages: Messages, in language: Language) -> String {
        self.ruleText?[language] ?? messages.text("check.\(self.id).rule", in: language)
    }

    /// Where to look next; never the answer.
    package func look(_ messages: Messages, in language: Language) -> String {
        self.lookText?[language] ?? messages.text("check.\(self.id).look", in: language)
    }

    /// Messages that are needed for what `checks.yaml` does not say itself.
    package var neededMessages: [String] {
        (self.ruleText == nil ? ["check.\(self.id).rule"] : [])
            + (self.lookText == nil ? ["check.\(self.id).look"] : [])
    }

    /// Reads a whole `checks.yaml`.
    package static func read(path: String) throws -> [LessonCheck] {
        try Self.read(try YAMLReader(path: path))
    }

    static func read(_ root: YAMLReader) throws -> [LessonCheck] {
        try root.allow(keys: ["checks"])
        var checks: [LessonCheck] = []
        for entry in try root.required("checks").list() {
            let check = try LessonCheck(entry)
            if checks.contains(where: { $0.id == check.id || $0.uuid == check.uuid }) {
                throw entry.error("'\(check.id)' or its uuid stands here twice")
            }
            for need in check.needs where !checks.contains(where: { $0.id == need }) {
                throw entry.error("'\(check.id)' needs '\(need)', which does not stand before it")
            }
            checks.append(check)
        }
        guard !checks.isEmpty else { throw root.error("has no checks") }
        return checks
    }

    private init(_ reader: YAMLReader) throws {
        try reader.allow(keys: [
            "id", "uuid", "level", "feature", "points", "needs", "behaviours", "ref", "judge", "with", "rule", "look",
            "visibility", "shown-as",
        ])
        self.id = try reader.required("id").string()
        self.uuid = try reader.required("uuid").string()
        self.level = try reader.required("level").choice(of: Level.self)
        self.feature = try reader.required("feature").string()
        self.points = try reader.required("points").int()
        self.needs = try reader.optional("needs")?.strings() ?? []
        self.behaviours = try reader.required("behaviours").strings()
        self.reference = try reader.required("ref").string()
        guard self.reference.hasPrefix("https://") else {
            throw try reader.required("ref").error("must be an https URL")
        }
        self.visibility = try reader.optional("visibility")?.choice(of: Visibility.self) ?? .visible
        self.shownAs = try reader.optional("shown-as")?.localized()
        guard (self.visibility == .visible) == (self.shownAs == nil) else {
            throw reader.error("'shown-as' is what learners read of a check that is not visible, and of no other")
        }
        self.ruleText = try reader.optional("rule")?.localized()
        self.lookText = try reader.optional("look")?.localized()
        self.judge = try Judge(name: reader.required("judge"), parameters: reader.optional("with"))
    }
}
