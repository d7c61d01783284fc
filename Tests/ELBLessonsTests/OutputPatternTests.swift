import ELBLessons
import Testing

@Suite struct `Expected outputs` {
    private func match(
        _ pattern: [String],
        _ output: [String],
        known: [String: String] = [:]
    ) throws
        -> OutputPattern.Outcome
    {
        try OutputPattern(pattern).match(output, known: known)
    }

    @Test(arguments: [
        (["a"], ["a"]), (["a  "], ["a"]), (["..."], []), (["..."], ["x", "y"]), (["a", "...", "z"], ["a", "z"]),
        (["a", "...", "z"], ["a", "b", "z", "z"]), (["at ... done"], ["at 12:00 all done"]),
        (["<b>literal</b>x", "..."], ["no"]),
    ])
    func `ellipses stand for any text and any lines`(pattern: [String], output: [String]) throws {
        let outcome = try self.match(pattern, output)
        if pattern.first?.hasPrefix("<b>") == true {
            #expect(outcome != .match(captures: [:]))
        } else {
            #expect(outcome == .match(captures: [:]))
        }
    }

    @Test func `captures take the whole value and keep it`() throws {
        let outcome = try self.match(
            ["requests <n:int> at <who:ip> in <t:float> s"],
            ["requests 120 at 127.0.0.1 in 0.25 s"]
        )
        #expect(outcome == .match(captures: ["n": "120", "who": "127.0.0.1", "t": "0.25"]))
    }

    @Test func `a reference must repeat what was captured, earlier or in another step`() throws {
        #expect(try self.match(["<n:int>", "<n>"], ["5", "5"]) == .match(captures: ["n": "5"]))
        #expect(try self.match(["port <p>"], ["port 80"], known: ["p": "80"]) == .match(captures: [:]))
        #expect(try self.match(["port <p>"], ["port 81"], known: ["p": "80"]) != .match(captures: [:]))
    }

    @Test func `a mismatch names the line that no reading gets past`() throws {
        #expect(
            try self.match(["a", "...", "c"], ["a", "b"]) == .mismatch(outputLine: 2, expected: "c")
        )
    }

    @Test func `an unknown type of capture is an author's mistake`() {
        #expect(throws: OutputPattern.PatternError.self) { try OutputPattern(["<n:number>"]) }
    }

    @Test(arguments: ["0", "65536", "x", ""]) func `a port is 1 to 65535`(text: String) throws {
        #expect(try self.match(["port <p:port>."], ["port \(text)."]) != .match(captures: ["p": text]))
    }
}

@Suite struct Assertions {
    @Test(arguments: [
        "n == 30", "lost < 0.5 * n", "n - lost == 2 * 10", "n / 3 == lost and n > 1", "who == 'WebA'", "who != n",
    ])
    func `hold`(text: String) throws {
        try StepAssertion.check(text, with: ["n": "30", "lost": "10", "who": "WebA"])
    }

    @Test(arguments: ["n == 31", "lost > n", "missing == 1", "n", "who < n", "n =< 3"])
    func `do not hold, or say nothing`(text: String) {
        #expect(throws: StepAssertion.Failure.self) {
            try StepAssertion.check(text, with: ["n": "30", "lost": "10", "who": "WebA"])
        }
    }
}
