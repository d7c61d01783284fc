package import ELBModel

/// A regular expression that takes time proportional to its size times the text's, whatever either holds.
///
/// The pattern is compiled to a small program (Thompson's construction), and the text is read once while the set of
/// all places the program may be at is carried along. There is no backtracking, so there is no input on which it
/// explodes; that is also why backreferences and look-around have no place in it, and AWS leaves them out too
/// (ALB-COND-032). It searches: a match anywhere in the text counts, anchors fix it (ALB-COND-033 is not documented;
/// AWS's examples suggest this).
package struct RegularExpression: Sendable {
    enum Instruction: Sendable {
        /// Consume one byte of the set at this index, go on at the next instruction.
        case bytes(UInt16)
        /// Go on at both places.
        case split(UInt16, UInt16)
        case jump(UInt16)
        case assert(RegexNode.Assertion)
        case match
    }

    private var program: [Instruction] = []
    private var sets: [ByteSet] = []

    /// Compiles a pattern; letters of either case agree if `foldsCase`.
    ///
    /// - Throws: `ValidationError` as `RegexParser` does.
    package init(_ pattern: String, foldsCase: Bool = false) throws(ModelError) {
        var parser = RegexParser(pattern, foldsCase: foldsCase)
        self.init(try parser.parse())
    }

    package init(_ node: RegexNode) {
        self.emit(node)
        self.program.append(.match)
    }

    private mutating func emit(_ node: RegexNode) {
        switch node {
        case .bytes(let set):
            let index = self.sets.firstIndex(of: set) ?? self.sets.count
            if index == self.sets.count { self.sets.append(set) }
            self.program.append(.bytes(UInt16(index)))
        case .assertion(let assertion):
            self.program.append(.assert(assertion))
        case .sequence(let nodes):
            for node in nodes { self.emit(node) }
        case .alternatives(let nodes):
            self.emit(alternatives: nodes[...])
        case .capture(let node, _):
            self.emit(node)
        // Lazy or greedy makes no difference to whether there is a match.
        case .repeated(let node, let minimum, let maximum, _):
            for _ in 0..<minimum { self.emit(node) }
            if let maximum {
                self.emit(optional: node, times: maximum - minimum)
            } else {
                let start = self.program.count
                self.program.append(.match)
                self.emit(node)
                self.program.append(.jump(UInt16(start)))
                self.program[start] = .split(UInt16(start + 1), UInt16(self.program.count))
            }
        }
    }

    private mutating func emit(alternatives nodes: ArraySlice<RegexNode>) {
        guard let first = nodes.first else { return }
        guard nodes.count > 1 else { return self.emit(first) }
        let split = self.program.count
        self.program.append(.match)
        self.emit(first)
        let jump = self.program.count
        self.program.append(.match)
        self.program[split] = .split(UInt16(split + 1), UInt16(self.program.count))
        self.emit(alternatives: nodes.dropFirst())
        self.program[jump] = .jump(UInt16(self.program.count))
    }

    private mutating func emit(optional node: RegexNode, times: Int) {
        var splits: [Int] = []
        for _ in 0..<times {
            splits.append(self.program.count)
            self.program.append(.match)
            self.emit(node)
        }
        for split in splits { self.program[split] = .split(UInt16(split + 1), UInt16(self.program.count)) }
    }
}

extension RegularExpression {
    /// Whether the expression matches anywhere in the text.
    package func matches(_ text: Span<UInt8>) -> Bool {
        let length = self.program.count
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 4 * length + 2) { memory in
            memory.initialize(repeating: -1)
            var threads = Threads(memory: memory, length: length)
            for position in 0...text.count {
                if self.follow(from: 0, at: position, text, &threads) { return true }
                guard position < text.count else { return false }
                let byte = text[position]
                let arrived = threads.takeArrived()
                for index in 0..<arrived {
                    let instruction = threads.current(index)
                    guard case .bytes(let set) = self.program[instruction], self.sets[Int(set)].contains(byte) else {
                        continue
                    }
                    if self.follow(from: instruction + 1, at: position + 1, text, &threads) { return true }
                }
            }
            return false
        }
    }

    /// The two lists of places, the marks that keep each place once per position, and a stack, in one stretch of
    /// memory.
    private struct Threads {
        let memory: UnsafeMutableBufferPointer<Int32>
        let length: Int
        var arrived = 0
        var stacked = 0
        var usesFirst = true

        init(memory: UnsafeMutableBufferPointer<Int32>, length: Int) {
            self.memory = memory
            self.length = length
        }

        /// The place `index` of the list being read.
        func current(_ index: Int) -> Int {
            Int(self.memory[(self.usesFirst ? self.length : 0) + index])
        }

        mutating func arrive(_ instruction: Int) {
            self.memory[(self.usesFirst ? 0 : self.length) + self.arrived] = Int32(instruction)
            self.arrived += 1
        }

        /// Makes the list that was written the one to read; returns its length.
        mutating func takeArrived() -> Int {
            defer { self.arrived = 0 }
            self.usesFirst.toggle()
            return self.arrived
        }

        /// Whether the place is new at this position.
        mutating func mark(_ instruction: Int, at position: Int) -> Bool {
            let index = 2 * self.length + instruction
            guard self.memory[index] != Int32(truncatingIfNeeded: position) else { return false }
            self.memory[index] = Int32(truncatingIfNeeded: position)
            return true
        }

        mutating func push(_ instruction: Int) {
            self.memory[3 * self.length + self.stacked] = Int32(instruction)
            self.stacked += 1
        }

        mutating func pop() -> Int? {
            guard self.stacked > 0 else { return nil }
            self.stacked -= 1
            return Int(self.memory[3 * self.length + self.stacked])
        }
    }

    /// Adds every place that can be reached from `start` without consuming a byte. True once the end is among them.
    private func follow(from start: Int, at position: Int, _ text: Span<UInt8>, _ threads: inout Threads) -> Bool {
        threads.stacked = 0
        if threads.mark(start, at: position) { threads.push(start) }
        while let instruction = threads.pop() {
            switch self.program[instruction] {
            case .match:
                return true
            case .bytes:
                threads.arrive(instruction)
            case .jump(let target):
                if threads.mark(Int(target), at: position) { threads.push(Int(target)) }
            case .split(let first, let second):
                if threads.mark(Int(first), at: position) { threads.push(Int(first)) }
                if threads.mark(Int(second), at: position) { threads.push(Int(second)) }
            case .assert(let assertion):
                guard assertion.holds(at: position, text) else { continue }
                if threads.mark(instruction + 1, at: position) { threads.push(instruction + 1) }
            }
        }
        return false
    }
}

extension RegexNode.Assertion {
    /// Whether this place of the text is what the assertion wants.
    func holds(at position: Int, _ text: Span<UInt8>) -> Bool {
        switch self {
        case .startOfText:
            return position == 0
        case .endOfText:
            return position == text.count
        case .wordBoundary, .notWordBoundary:
            let before = position > 0 && ByteSet.word.contains(text[position - 1])
            let after = position < text.count && ByteSet.word.contains(text[position])
            return (before != after) == (self == .wordBoundary)
        }
    }
}
