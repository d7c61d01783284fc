package import ELBModel

/// One rewrite, compiled: an expression and the text that takes the place of what it matches.
package struct CompiledRewrite: Sendable {
    /// Bytes of a rewritten text, at most: as long as a request line may be.
    package static let longestOutput = 16_384

    /// What cannot be compiled is known when the configuration is, but answered for when a request needs it, as AWS's log
    /// tells it (ALB-XFRM-011).
    private let expression: Result<CapturingExpression, CapturingExpression.Unusable>
    private let replacement: [Part]

    private enum Part: Hashable, Sendable {
        case literal([UInt8])
        case group(Int)
    }

    package init(_ rewrite: RuleTransform.Rewrite, foldsCase: Bool, ignoresCaptures: Bool = false) {
        do throws(CapturingExpression.Unusable) {
            self.expression = .success(try CapturingExpression(rewrite.regex, foldsCase: foldsCase))
        } catch {
            self.expression = .failure(error)
        }
        let text = Array(rewrite.replace.utf8)
        self.replacement = ignoresCaptures ? [.literal(text)] : Self.parts(of: text)
    }

    /// `$` and a number, in braces or not, is a group, `$0` the whole match; `$$` is a dollar sign, and so is a `$` before
    /// anything else.
    private static func parts(of text: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var literal: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "$") else {
                literal.append(byte)
                continue
            }
            if rest.first == byte {
                rest.removeFirst()
                literal.append(byte)
            } else if let (group, length) = Self.group(at: rest) {
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = []
                parts.append(.group(group))
                rest = rest.dropFirst(length)
            } else {
                literal.append(byte)
            }
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        return parts
    }

    /// The group named at the start of a text, and how many bytes name it.
    private static func group(at text: ArraySlice<UInt8>) -> (group: Int, length: Int)? {
        let isBraced = text.first == UInt8(ascii: "{")
        let digits = text.dropFirst(isBraced ? 1 : 0).prefix { ASCII.isDigit($0) }
        guard let group = Int(String(decoding: digits.prefix(4), as: UTF8.self)), digits.count <= 4 else { return nil }
        guard isBraced else { return (group, digits.count) }
        guard text.dropFirst(1 + digits.count).first == UInt8(ascii: "}") else { return nil }
        return (group, digits.count + 2)
    }

    /// What came of a rewrite.
    package enum Outcome: Hashable, Sendable {
        /// The text stays as it is (ALB-XFRM-003).
        case noMatch
        case replaced([UInt8])
        case failed(AccessLogRecord.Transform.Status)
    }

    /// Replaces the first match; what stands before and behind it stays.
    package func apply(to text: Span<UInt8>) -> Outcome {
        let expression: CapturingExpression
        switch self.expression {
        case .success(let usable): expression = usable
        case .failure(.malformed): return .failed(.regexSyntaxError)
        case .failure(.tooBig): return .failed(.compileTooBig)
        }
        guard let match = expression.firstMatch(in: text) else { return .noMatch }
        var output: [UInt8] = []
        output.append(text, 0..<match.range.lowerBound)
        for part in self.replacement {
            switch part {
            case .literal(let bytes): output += bytes
            case .group(let number):
                guard number <= expression.groups else { return .failed(.replaceError) }
                if let range = match[group: number] { output.append(text, range) }
            }
            guard output.count <= Self.longestOutput else { return .failed(.bufferTooSmall) }
        }
        output.append(text, match.range.upperBound..<text.count)
        return output.count <= Self.longestOutput ? .replaced(output) : .failed(.bufferTooSmall)
    }
}
