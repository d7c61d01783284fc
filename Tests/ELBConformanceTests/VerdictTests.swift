import ELBConformance
import ELBTestSupport
import Testing

@Suite struct `Verdicts` {
    @Test(
        arguments: [
            ([Verdict.pass, .info, .skipped, .unsupported], RunVerdict.pass, 0), ([.pass, .fail, .error], .fail, 1),
            ([.pass, .error, .timeout], .error, 4), ([.pass, .timeout, .blocked], .timeout, 5),
            ([.pass, .blocked], .fail, 1),
            ([], .pass, 0), ([.unsupported, .skipped], .notGradable, 3),
        ] as [([Verdict], RunVerdict, Int32)]
    )
    func `a run's verdict and exit code follow from its checks`(_ sample: ([Verdict], RunVerdict, Int32)) {
        let report = SampleReports.run(sample.0.map { SampleReports.check($0) })
        #expect(report.verdict == sample.1)
        #expect(report.verdict.exitCode == sample.2)
    }

    @Test func `provisional checks never count`() {
        let report = SampleReports.run([SampleReports.check(.fail, level: .provisional), SampleReports.check(.pass)])
        #expect(report.verdict == .pass)
    }

    @Test func `a subject that never started is not gradable`() {
        let report = SampleReports.run([SampleReports.check(.fail)], notGradable: "it did not start")
        #expect(report.verdict == .notGradable)
        #expect(report.verdict.exitCode == 3)
    }
}

@Suite struct `Tolerances` {
    @Test func `an honest splitter fails the weights check less than once in a million runs`() {
        let range = Binomial.range(requests: 6000, share: 0.3, points: 3)
        #expect(range == 1620...1980)
        #expect(Binomial.probability(outside: range, requests: 6000, share: 0.3) < 1e-6)
    }

    @Test func `a splitter that is five points off slips through less than once in a thousand runs`() {
        let range = Binomial.range(requests: 6000, share: 0.3, points: 3)
        let caught = Binomial.probability(outside: range, requests: 6000, share: 0.35)
        #expect(caught > 0.999)
    }

    @Test func `the canary's and the empty group's bounds hold too`() {
        let canary = Binomial.range(requests: 3000, share: 0.1, points: 3)
        #expect(Binomial.probability(outside: canary, requests: 3000, share: 0.1) < 1e-6)
        #expect(Binomial.probability(outside: canary, requests: 3000, share: 0.5) > 0.999999)
        #expect(Binomial.probability(outside: 225...375, requests: 600, share: 0.5) < 1e-8)
    }

    @Test func `certain shares leave nothing to chance`() {
        #expect(Binomial.probability(outside: 0...0, requests: 10, share: 0) == 0)
        #expect(Binomial.probability(outside: 0...9, requests: 10, share: 1) == 1)
    }

    @Test func `a seed draws the same for a check, alone or among others`() {
        var first = SeededGenerator(seed: 9, for: "a")
        var second = SeededGenerator(seed: 9, for: "a")
        var other = SeededGenerator(seed: 9, for: "b")
        let word = first.letters(12)
        #expect(second.letters(12) == word)
        #expect(other.letters(12) != word)
    }
}
