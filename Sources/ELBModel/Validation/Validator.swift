/// Collects what is wrong with a value. It knows where in the value the judgement stands, so that every error carries
/// the whole path of its property in the spelling of the API and of CloudFormation.
struct Validator {
    private(set) var errors: [ModelError] = []
    private var path: [String] = []

    /// Judges a part: errors found inside carry `name` in front of theirs.
    mutating func at(_ name: String, _ body: (inout Validator) -> Void) {
        self.path.append(name)
        body(&self)
        self.path.removeLast()
    }

    /// Judges the members of a list, each at `name[index]`.
    mutating func each<Element>(_ name: String, _ list: [Element], _ body: (inout Validator, Element) -> Void) {
        for (index, element) in list.enumerated() {
            self.at("\(name)[\(index)]") { body(&$0, element) }
        }
    }

    /// Notes an error at the current place, or at a property of it.
    mutating func report(_ code: ModelError.Code, _ message: String, at property: String? = nil) {
        let path = self.path + (property.map { [$0] } ?? [])
        self.errors.append(ModelError(code, message, at: path.joined(separator: ".")))
    }

    /// Notes an error whose property stands below the current place.
    mutating func report(_ error: ModelError) {
        self.report(error.code, error.message, at: error.property)
    }

    /// Notes a `ValidationError` unless the number is in the range.
    mutating func require(_ number: Int, in range: ClosedRange<Int>, _ property: String, unit: String = "") {
        guard !range.contains(number) else { return }
        let unit = unit.isEmpty ? "" : " \(unit)"
        self.report(
            .validationError,
            "\(property) must be between \(range.lowerBound) and \(range.upperBound)\(unit), not \(number)",
            at: property
        )
    }

    /// Notes a `ValidationError` unless the text has a length in the range; characters are counted.
    mutating func require(length range: ClosedRange<Int>, of text: String, what: String, at property: String? = nil) {
        let count = text.unicodeScalars.count
        guard !range.contains(count) else { return }
        let problem =
            text.isEmpty
            ? "\(what) must not be empty"
            : "\(what) must have \(range.lowerBound) to \(range.upperBound) characters, not \(count)"
        self.report(.validationError, problem, at: property)
    }

    /// Notes a `ValidationError` naming the first character that is not allowed.
    mutating func require(
        characters allowed: (UInt8) -> Bool,
        of text: String,
        what: String,
        at property: String? = nil
    ) {
        for scalar in text.unicodeScalars {
            if scalar.isASCII, allowed(UInt8(truncatingIfNeeded: scalar.value)) { continue }
            let shown =
                scalar.value < 0x20 || scalar.value == 0x7f
                ? "U+00\(scalar.value < 16 ? "0" : "")\(String(scalar.value, radix: 16, uppercase: true))"
                : "'\(scalar)'"
            self.report(.validationError, "\(what) cannot contain \(shown)", at: property)
            return
        }
    }
}

/// Sets of ASCII characters that AWS's texts name.
enum Characters {
    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        ByteSet.word.contains(byte) && byte != UInt8(ascii: "_")
    }

    static func isLetter(_ byte: UInt8) -> Bool {
        self.isAlphanumeric(byte) && !ByteSet.digits.contains(byte)
    }

    static func isVisible(_ byte: UInt8) -> Bool {
        (0x20...0x7e).contains(byte)
    }

    /// A predicate for letters, digits and the characters of `others`.
    static func alphanumerics(and others: StaticString) -> (UInt8) -> Bool {
        var set = ByteSet.word.subtracting([UInt8(ascii: "_")])
        others.withUTF8Buffer { for byte in $0 { set.insert(byte) } }
        return set.contains
    }
}
