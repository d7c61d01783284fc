import Glibc

/// The target, and the fields that the answer gets besides its own.
func chooseTarget(_ group: Group, _ request: Message) -> (Target?, [Message.Field]) {
    guard group.attributes["stickiness.enabled"] == "true", group.attributes["stickiness.type"] == "lb_cookie" else {
        return (group.choose(), [])
    }
    let target = boundTarget(group, request) ?? group.choose()
    return (target, target.map { cookies(group, $0) } ?? [])
}

/// The target that the client's cookie names, if it can be believed, is not over, and its target may be asked.
private func boundTarget(_ group: Group, _ request: Message) -> Target? {
    let given = givenCookies(request)
    // Browsers that ask from other sites return only the second one.
    guard let value = given["AWSALBCORS"] ?? given["AWSALB"], let name = opened(value, group) else { return nil }
    return group.able.first { $0.name == name }
}

private func givenCookies(_ request: Message) -> [String: String] {
    var result: [String: String] = [:]
    for line in request.all("Cookie") {
        for pair in line.split(separator: ";") {
            let text = trimmed(pair)
            let name = String(text.prefix { $0 != "=" })
            if result[name] == nil { result[name] = String(text.dropFirst(name.count + 1)) }
        }
    }
    return result
}

/// The same value twice: browsers send cookies to other sites only if SameSite says None.
private func cookies(_ group: Group, _ target: Target) -> [Message.Field] {
    let duration = Double(group.attributes["stickiness.lb_cookie.duration_seconds"] ?? "86400")! / group.scale
    let value = sealed("\(group.name) \(target.name) \(Int((now + duration) * 1000))")
    let date = webDate(in: 7 * 24 * 3600)
    return [
        ("Set-Cookie", "AWSALB=\(value); Expires=\(date); Path=/"),
        ("Set-Cookie", "AWSALBCORS=\(value); Expires=\(date); Path=/; SameSite=None"),
    ]
}

/// The text with a mark behind it that only we can make: `Hasher` is SipHash with a key that is drawn when the program starts.
private func sealed(_ text: String) -> String {
    var hasher = Hasher()
    hasher.combine(text)
    let letters = text.utf8.map { byte in hex(UInt64(byte), digits: 2) }.joined()
    return letters + hex(UInt64(bitPattern: Int64(hasher.finalize())), digits: 16)
}

/// The target's name in a cookie of ours; `nil` if somebody else wrote it, or its time is over.
private func opened(_ value: String, _ group: Group) -> String? {
    let letters = Array(value.utf8.dropLast(16))
    guard letters.count % 2 == 0, letters.count < 1000 else { return nil }
    let bytes = stride(from: 0, to: letters.count, by: 2).compactMap { index in
        UInt8(String(decoding: letters[index..<index + 2], as: UTF8.self), radix: 16)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard sealed(text) == value else { return nil }
    let words = text.split(separator: " ").map { String($0) }
    guard words.count == 3, words[0] == group.name, let end = Int(words[2]), now * 1000 < Double(end) else { return nil }
    return words[1]
}

private func hex(_ number: UInt64, digits: Int) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: digits - text.count) + text
}

/// A moment of the wall clock as Expires has it: Thu, 26 Nov 2026 09:00:00 GMT.
private func webDate(in seconds: Int) -> String {
    var moment = time(nil) + seconds
    var parts = tm()
    gmtime_r(&moment, &parts)
    var text = [CChar](repeating: 0, count: 64)
    let count = strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
    return String(decoding: text.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
