import ELBModel

/// A regular expression that tells where it matched and what its groups captured, in time proportional to its size times the
/// text's.
///
/// As in `RegularExpression` the set of all places the program may be at is carried through the text, but in order of
/// preference, and each place remembers the bounds of its groups on the way there. So among all matches it finds the one that
/// a backtracking matcher would: the leftmost, with alternatives tried from the left and repeats as greedy or lazy as written.
package struct CapturingExpression: Sendable {
    private enum Instruction: Sendable {
        /// Consume one byte of the set at this index, go on at the next instruction.
        case bytes(Int)
        /// Go on at both places, the first preferred.
        case split(Int, Int)
        case jump(Int)
        case assert(RegexNode.Assertion)
        /// Note the position as this bound; group n has the bounds 2n and 2n + 1, and group 0 is the whole match.
        case save(Int)
        case match
    }

    /// Instructions that an expression may have, at most; AWS logs TransformCompileTooBig.
    package static let greatestCost = 2048

    /// Capturing groups, the whole match not counted.
    package let groups: Int
    private var program: [Instruction] = []
    private var sets: [ByteSet] = []

    /// An expression that cannot be compiled.
    package enum Unusable: Error, Hashable, Sendable {
        case malformed
        case tooBig
    }

    /// Compiles a pattern; letters of either case agree if `foldsCase`.
    package init(_ pattern: String, foldsCase: Bool = false) throws(Unusable) {
        var parser = RegexParser(pattern, foldsCase: foldsCase)
        let node: RegexNode
        do throws(ModelError) {
            node = try parser.parseOfAnySize()
        } catch {
            throw .malformed
        }
        guard node.cost < Self.greatestCost else { throw .tooBig }
        self.groups = parser.groups
        self.emit(.capture(node, 0))
        self.program.append(.match)
    }

    private mutating func emit(_ node: RegexNode) {
        switch node {
        case .bytes(let set):
            let index = self.sets.firstIndex(of: set) ?? self.sets.count
            if index == self.sets.count { self.sets.append(set) }
            self.program.append(.bytes(index))
        case .assertion(let assertion):
            self.program.append(.assert(assertion))
        case .sequence(let nodes):
            for node in nodes { self.emit(node) }
        case .alternatives(let nodes):
            self.emit(alternatives: nodes[...])
        case .capture(let node, let number):
            self.program.append(.save(2 * number))
            self.emit(node)
            self.program.append(.save(2 * number + 1))
        case .repeated(let node, let minimum, let maximum, let isLazy):
            for _ in 0..<minimum { self.emit(node) }
            if let maximum {
                self.emit(optional: node, times: maximum - minimum, isLazy: isLazy)
            } else {
                let start = self.program.count
                self.program.append(.match)
                self.emit(node)
                self.program.append(.jump(start))
                self.program[start] = Self.choice(start + 1, self.program.count, isLazy: isLazy)
            }
        }
    }

    /// Whether to go in or on; a lazy repeat would rather go on.
    private static func choice(_ body: Int, _ end: Int, isLazy: Bool) -> Instruction {
        isLazy ? .split(end, body) : .split(body, end)
    }

    private mutating func emit(alternatives nodes: ArraySlice<RegexNode>) {
        guard let first = nodes.first else { return }
        guard nodes.count > 1 else { return self.emit(first) }
        let split = self.program.count
        self.program.append(.match)
        self.emit(first)
        let jump = self.program.count
        self.program.append(.match)
        self.program[split] = .split(split + 1, self.program.count)
        self.emit(alternatives: nodes.dropFirst())
        self.program[jump] = .jump(self.program.count)
    }

    private mutating func emit(optional node: RegexNode, times: Int, isLazy: Bool) {
        var splits: [Int] = []
        for _ in 0..<times {
            splits.append(self.program.count)
            self.program.append(.match)
            self.emit(node)
        }
        for split in splits {
            self.program[split] = Self.choice(split + 1, self.program.count, isLazy: isLazy)
        }
    }
}

extension CapturingExpression {
    /// Where a match is, and where each group of it is; a group that took no part has no range.
    package struct Match: Hashable, Sendable {
        /// Two for each group, the whole match first; -1 where there is none.
        fileprivate var bounds: [Int]

        package var range: Range<Int> { self.bounds[0]..<self.bounds[1] }

        package subscript(group group: Int) -> Range<Int>? {
            let (lower, upper) = (self.bounds[2 * group], self.bounds[2 * group + 1])
            return lower >= 0 && upper >= lower ? lower..<upper : nil
        }
    }

    /// The first match in the text, if there is one.
    package func firstMatch(in text: Span<UInt8>) -> Match? {
        let width = 2 * (self.groups + 1)
        var current = Places(program: self.program.count, width: width)
        var next = current
        var walk = Walk(bounds: Array(repeating: -1, count: width))
        var found: [Int]?
        for position in 0...text.count {
            if found == nil {
                // Starting here is worth less than every start before.
                walk.forget()
                self.follow(from: 0, at: position, text, &walk, into: &current)
            }
            if current.count == 0 { break }
            next.clear()
            for index in 0..<current.count {
                let place = current.places[index]
                if case .match = self.program[place] {
                    // What comes after it in the list is worth less.
                    found = current.bounds(of: index)
                    break
                }
                guard case .bytes(let set) = self.program[place], position < text.count,
                    self.sets[set].contains(text[position])
                else { continue }
                walk.bounds = current.bounds(of: index)
                self.follow(from: place + 1, at: position + 1, text, &walk, into: &next)
            }
            swap(&current, &next)
        }
        return found.map(Match.init)
    }

    /// Adds every place that consumes a byte, or is the end, and can be reached from `start` without consuming one; in order
    /// of preference.
    private func follow(
        from start: Int,
        at position: Int,
        _ text: Span<UInt8>,
        _ walk: inout Walk,
        into places: inout Places
    ) {
        walk.steps.append(.place(start))
        while let step = walk.steps.popLast() {
            guard case .place(let place) = step else {
                if case .restore(let bound, let value) = step { walk.bounds[bound] = value }
                continue
            }
            guard places.mark(place) else { continue }
            switch self.program[place] {
            case .match, .bytes:
                places.add(place, walk.bounds)
            case .jump(let target):
                walk.steps.append(.place(target))
            case .split(let first, let second):
                walk.steps.append(.place(second))
                walk.steps.append(.place(first))
            case .assert(let assertion):
                if assertion.holds(at: position, text) { walk.steps.append(.place(place + 1)) }
            case .save(let bound):
                walk.steps.append(.restore(bound, walk.bounds[bound]))
                walk.bounds[bound] = position
                walk.steps.append(.place(place + 1))
            }
        }
    }

    /// A walk over the instructions that consume nothing.
    private struct Walk {
        /// The groups' bounds on the way to where the walk is.
        var bounds: [Int]
        var steps: [Step] = []

        enum Step {
            case place(Int)
            /// The way through a group has been walked; other ways do not know its bound.
            case restore(Int, Int)
        }

        mutating func forget() {
            for index in self.bounds.indices { self.bounds[index] = -1 }
        }
    }

    /// Places in order of preference, each once, with the bounds on the way there.
    private struct Places {
        private(set) var places: [Int] = []
        private var allBounds: [Int] = []
        private var marks: [Int]
        private var generation = 1
        private let width: Int

        init(program count: Int, width: Int) {
            self.marks = Array(repeating: 0, count: count)
            self.width = width
        }

        var count: Int { self.places.count }

        mutating func clear() {
            self.places.removeAll(keepingCapacity: true)
            self.allBounds.removeAll(keepingCapacity: true)
            self.generation += 1
        }

        /// Whether the place is new here.
        mutating func mark(_ place: Int) -> Bool {
            guard self.marks[place] != self.generation else { return false }
            self.marks[place] = self.generation
            return true
        }

        mutating func add(_ place: Int, _ bounds: [Int]) {
            self.places.append(place)
            self.allBounds += bounds
        }

        func bounds(of index: Int) -> [Int] {
            Array(self.allBounds[(index * self.width)..<((index + 1) * self.width)])
        }
    }
}
