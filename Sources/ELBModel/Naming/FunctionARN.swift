/// The ARN of a Lambda function, of a version of it or of an alias, taken apart:
/// `arn:aws:lambda:ap-northeast-2:123456789012:function:hello:live`.
package struct FunctionARN: Hashable, Sendable {
    package let region: String
    package let account: String
    /// 1 to 64 letters, digits, hyphens and underscores.
    package let name: String
    /// A version, `$LATEST` or an alias; `nil` for the function itself.
    package let qualifier: String?

    /// `nil` if the text is not such an ARN.
    package init?(_ text: some StringProtocol) {
        let parts = String(text).utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map { String(Substring($0)) }
        guard (7...8).contains(parts.count), parts[0] == "arn", parts[1].hasPrefix("aws"), parts[2] == "lambda",
            parts[5] == "function", !parts[3].isEmpty, parts[3].utf8.allSatisfy(Self.isRegionCharacter),
            parts[4].utf8.count == 12, parts[4].utf8.allSatisfy(ByteSet.digits.contains),
            (1...64).contains(parts[6].utf8.count), parts[6].utf8.allSatisfy(Characters.alphanumerics(and: "-_"))
        else { return nil }
        if parts.count == 8 {
            guard (1...128).contains(parts[7].utf8.count),
                parts[7].utf8.allSatisfy(Characters.alphanumerics(and: "-_$"))
            else { return nil }
        }
        self.region = parts[3]
        self.account = parts[4]
        self.name = parts[6]
        self.qualifier = parts.count == 8 ? parts[7] : nil
    }

    private static func isRegionCharacter(_ byte: UInt8) -> Bool {
        Characters.isAlphanumeric(byte) || byte == UInt8(ascii: "-")
    }
}
