/// The name of a row of the behaviour catalogue: `ALB-COND-003` is row 3 of group COND of the Application Load Balancer.
package struct BehaviourID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// `ALB-COND`
    package let group: String
    /// 1 and up.
    package let number: Int

    /// - Returns: nil unless `text` is a product, a group and three digits: `ALB-COND-003`.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3,
            !parts[0].isEmpty, parts[0].allSatisfy(Self.isUppercaseLetter),
            !parts[1].isEmpty, parts[1].allSatisfy({ Self.isUppercaseLetter($0) || Self.isDigit($0) }),
            parts[2].count == 3, parts[2].allSatisfy(Self.isDigit),
            let number = Int(parts[2]), number > 0
        else { return nil }
        self.group = "\(parts[0])-\(parts[1])"
        self.number = number
    }

    package var description: String {
        let digits = String(self.number)
        return "\(self.group)-\(String(repeating: "0", count: 3 - digits.count))\(digits)"
    }

    package static func < (one: Self, other: Self) -> Bool {
        (one.group, one.number) < (other.group, other.number)
    }

    private static func isUppercaseLetter(_ character: Character) -> Bool { ("A"..."Z").contains(character) }
    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }
}
