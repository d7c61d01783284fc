/// A Set-Cookie line as a browser would read it (RFC 6265, section 5.2).
package struct SetCookie: Hashable, Sendable {
    package var name: String
    package var value: String
    /// In the order sent, names as sent; `nil` for those without a value.
    package var attributes: [Attribute] = []

    package struct Attribute: Hashable, Sendable {
        package var name: String
        package var value: String?
    }

    package init?(_ line: String) {
        let parts = line.split(separator: ";", omittingEmptySubsequences: false)
        guard let equals = parts[0].firstIndex(of: "=") else { return nil }
        self.name = Self.trimmed(parts[0][..<equals])
        self.value = Self.trimmed(parts[0][parts[0].index(after: equals)...])
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            self.attributes.append(
                Attribute(name: Self.trimmed(pair[0]), value: pair.count > 1 ? Self.trimmed(pair[1]) : nil)
            )
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }

    /// `name=value`, as a client returns it.
    package var pair: String { "\(self.name)=\(self.value)" }

    /// Names of the attributes in lower case, with the values that matter; dates differ.
    package var form: [String] {
        self.attributes.map { attribute in
            let name = attribute.name.lowercased()
            return name == "expires" ? name : attribute.value.map { "\(name)=\($0.lowercased())" } ?? name
        }
    }

    /// When the browser is to forget it, in seconds since 1970; `nil` without a date of the form of RFC 9110, section 5.6.7.
    var expires: Int? {
        guard let text = self.attributes.first(where: { $0.name.lowercased() == "expires" })?.value else { return nil }
        // Thu, 03 Dec 2026 14:00:00 GMT
        let parts = text.split(whereSeparator: { " :-".contains($0) })
        guard parts.count == 8, parts[7] == "GMT", let day = Int(parts[1]), let year = Int(parts[3]),
            let month = Self.months.firstIndex(of: String(parts[2])), let hour = Int(parts[4]),
            let minute = Int(parts[5]), let second = Int(parts[6])
        else { return nil }
        // Days since 1970: whole years with their leap days, then the months of this one.
        let past = year - 1
        let leapDays = past / 4 - past / 100 + past / 400
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = 365 * past + leapDays - 719_162 + Self.daysBefore[month] + (isLeap && month > 1 ? 1 : 0) + day - 1
        return ((days * 24 + hour) * 60 + minute) * 60 + second
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]
}

extension CurlResponse {
    /// The cookies that the answer sets, in the order sent.
    package var setCookies: [SetCookie] {
        self.headers.filter { $0.name.lowercased() == "set-cookie" }.compactMap { SetCookie($0.value) }
    }
}
