/// One language's page of a lesson, cut into what is read and what is run.
package struct LessonPage: Hashable, Sendable {
    package var file: String
    package var language: Language
    /// The text of the `# ` heading.
    package var title: String
    /// In the page's order. The first has no heading when text stands above the first `## `.
    package var sections: [Section]

    /// A `## ` heading and what follows it.
    package struct Section: Hashable, Sendable {
        package var heading: String
        package var line: Int
        package var blocks: [Block]
    }

    package enum Block: Hashable, Sendable {
        /// Markdown as written, without the fenced blocks below; a plain fenced block belongs to it.
        case prose(Prose)
        case console(ConsoleStep)
        case file(FileBlock)
        case predict(PredictBlock)
    }

    package struct Prose: Hashable, Sendable {
        package var line: Int
        package var text: String
    }

    /// A `console elb` block: commands that the lesson's shell runs, and what they print.
    package struct ConsoleStep: Hashable, Sendable {
        package var id: String
        /// Of the opening fence.
        package var line: Int
        package var commands: [Command]
        /// For the whole step; real seconds.
        package var timeoutSeconds: Int
        /// The last command goes on running; the step is done when its output matches.
        package var isBackground: Bool
        /// What comes after it runs inside `elblab shell`, where the lab's names resolve.
        package var entersShell: Bool
        /// What the host must offer, such as `netns`; without it the step is skipped with a reason.
        package var needs: [String]
        /// From the comment after the block: `assert failed < 0.02 * n`.
        package var assertions: [Assertion]
    }

    package struct Command: Hashable, Sendable {
        package var line: Int
        /// May span lines, which the page writes with `> `.
        package var text: String
        /// Expected lines, with `...` and `<name:type>`.
        package var output: [String]
        /// From a line `[7]`; 0 when there is none.
        package var exitCode: Int

        /// Whether it starts a lab, which then goes on running.
        package var startsLab: Bool { self.text.hasPrefix("elblab up ") }
    }

    package struct Assertion: Hashable, Sendable {
        package var line: Int
        package var text: String
    }

    /// A `yaml elb file=NAME` block, which writes a file, or `yaml elb excerpt=NAME`, which quotes one of the lesson's.
    package struct FileBlock: Hashable, Sendable {
        package var line: Int
        package var name: String
        package var isExcerpt: Bool
        package var text: String
    }

    /// A `predict elb id=… shows=NAME` block. The answer is not in the page: it is the value that a later step captures
    /// under that name.
    package struct PredictBlock: Hashable, Sendable {
        package var id: String
        package var line: Int
        package var capture: String
        package var question: String
        /// Each starts with the value it stands for: `25 %`.
        package var options: [String]
    }

    package var steps: [ConsoleStep] {
        self.sections.flatMap(\.blocks).compactMap { block in
            if case .console(let step) = block { step } else { nil }
        }
    }

    package var predictions: [PredictBlock] {
        self.sections.flatMap(\.blocks).compactMap { block in
            if case .predict(let prediction) = block { prediction } else { nil }
        }
    }
}
