/// A moment of the wall clock as log lines and Date fields print it. Kept by each node and asked again and again: only the
/// first request of a second pays for the calendar.
package struct WallClockText: Sendable {
    private var second: Int64 = .min
    /// With the point before the microseconds.
    private var timestamp: [UInt8] = []
    private var date: [UInt8] = []

    package init() {}

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
    ///
    /// - Parameter second: seconds since 1970.
    package mutating func httpDate(second: Int64) -> [UInt8] {
        self.refresh(second)
        return self.date
    }

    /// Appends `2015-05-13T23:39:43.945958Z` (ALB-LOG-011).
    ///
    /// - Parameter microseconds: since 1970.
    package mutating func appendTimestamp(microseconds: Int64, to output: inout some ByteSink & ~Copyable) {
        let second = microseconds >= 0 ? microseconds / 1_000_000 : 0
        if second == self.second {
            output.append(self.timestamp)
        } else if second > self.second {
            self.refresh(second)
            output.append(self.timestamp)
        } else {
            // A request that began in an earlier second.
            Self.appendTimestamp(second, to: &output)
        }
        output.append(padded: Int(microseconds - second * 1_000_000), digits: 6)
        output.append(UInt8(ascii: "Z"))
    }

    /// `2023-09-21T01:50:17Z`: a moment to the second, without the clock's memory.
    ///
    /// - Parameter second: since 1970; moments before that are shown as its first.
    package static func second(_ second: Int64) -> String {
        var text: [UInt8] = []
        Self.appendTimestamp(max(0, second), to: &text)
        text[text.count - 1] = UInt8(ascii: "Z")
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func refresh(_ second: Int64) {
        guard second != self.second else { return }
        self.second = second
        self.timestamp.removeAll(keepingCapacity: true)
        Self.appendTimestamp(second, to: &self.timestamp)
        self.date.removeAll(keepingCapacity: true)
        Self.appendDate(second, to: &self.date)
    }

    private static func appendTimestamp(_ second: Int64, to output: inout some ByteSink & ~Copyable) {
        let day = CivilDay(daysSince1970: second / 86_400)
        output.append(padded: day.year, digits: 4)
        output.append(UInt8(ascii: "-"))
        output.append(padded: day.month, digits: 2)
        output.append(UInt8(ascii: "-"))
        output.append(padded: day.day, digits: 2)
        output.append(UInt8(ascii: "T"))
        Self.appendTime(second, to: &output)
        output.append(UInt8(ascii: "."))
    }

    private static func appendTime(_ second: Int64, to output: inout some ByteSink & ~Copyable) {
        let ofDay = Int(second % 86_400)
        output.append(padded: ofDay / 3600, digits: 2)
        output.append(UInt8(ascii: ":"))
        output.append(padded: ofDay / 60 % 60, digits: 2)
        output.append(UInt8(ascii: ":"))
        output.append(padded: ofDay % 60, digits: 2)
    }

    private static let weekdays: [StaticString] = ["Thu, ", "Fri, ", "Sat, ", "Sun, ", "Mon, ", "Tue, ", "Wed, "]
    private static let months: [StaticString] = [
        " Jan ", " Feb ", " Mar ", " Apr ", " May ", " Jun ", " Jul ", " Aug ", " Sep ", " Oct ", " Nov ", " Dec ",
    ]

    private static func appendDate(_ second: Int64, to output: inout some ByteSink & ~Copyable) {
        let day = CivilDay(daysSince1970: second / 86_400)
        output.append(Self.weekdays[Int(second / 86_400 % 7)])
        output.append(padded: day.day, digits: 2)
        output.append(Self.months[day.month - 1])
        output.append(padded: day.year, digits: 4)
        output.append(UInt8(ascii: " "))
        Self.appendTime(second, to: &output)
        output.append(" GMT")
    }
}

/// A day of the Gregorian calendar.
private struct CivilDay {
    let year: Int
    let month: Int
    let day: Int

    // Counts from 1 March of year 0, so that the leap day is the last of its year; 146,097 days are 400 years.
    init(daysSince1970 days: Int64) {
        let shifted = Int(days) + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        self.day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        self.month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
    }
}
