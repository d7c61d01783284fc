/// Texts with `*` for any characters, as lessons write what they expect.
enum Pattern {
    static func matches(_ text: String, _ pattern: String) -> Bool {
        guard pattern.contains("*") else { return text == pattern }
        var (rest, text) = (Array(pattern.utf8)[...], Array(text.utf8)[...])
        var retry: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
        while !text.isEmpty {
            if rest.first == UInt8(ascii: "*") {
                rest = rest.dropFirst()
                retry = (rest, text)
            } else if let byte = rest.first, byte == text.first {
                (rest, text) = (rest.dropFirst(), text.dropFirst())
            } else if let last = retry {
                // The star takes one character more.
                (rest, text) = (last.pattern, last.text.dropFirst())
                retry = (last.pattern, text)
            } else {
                return false
            }
        }
        return rest.allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
