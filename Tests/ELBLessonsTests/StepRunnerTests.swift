import ELBLessons
import FoundationEssentials
import Glibc
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) final class `Steps of a lesson` {
    private let folder = FileManager.default.temporaryDirectory.path + "/elblab-test-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(atPath: self.folder + "/home", withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    private static let text = """
        # T

        ## One

        before

        ```console elb step=first timeout=1s
        $ echo 1
        1
        $ echo 2
        2
        ```

        after the first

        ## Two

        ```console elb step=second
        $ true
        ```

        between

        ```console elb step=third
        $ true
        ```
        """

    @Test func `have their time for themselves, however long somebody thinks before one`() async throws {
        let page = try PageParser.parse(Self.text, file: "en.md", language: .en)
        let settings = StepShell.Settings(
            workingFolder: self.folder,
            privateFolder: self.folder,
            programFolder: "/usr/bin"
        )
        let commands = Mutex(0)
        let runner = StepRunner(settings: settings) { event in
            guard case .willRun = event else { return }
            let number = commands.withLock { count in
                count += 1
                return count
            }
            // Longer than the step may take.
            if number == 1 { usleep(1_200_000) }
        }
        let report = try await runner.run([page])
        #expect(report.problems.isEmpty, "\(report.problems)")
        #expect(report.runs.count == 4)
    }

    @Test func `keep what their section says behind them`() throws {
        let page = try PageParser.parse(Self.text, file: "en.md", language: .en)
        func prose(_ blocks: [LessonPage.Block]) -> [String] {
            blocks.compactMap { block in
                guard case .prose(let prose) = block else { return nil }
                return prose.text.split(separator: "\n").joined()
            }
        }
        #expect(prose(page.blocksAfter(lastStep: "first")) == ["after the first"])
        #expect(page.blocksAfter(lastStep: "second").isEmpty)
        #expect(prose(page.blocksBefore(step: "third")) == ["between"])
        #expect(page.blocksAfter(lastStep: "third").isEmpty)
    }
}
