package import ELBModel
import FoundationEssentials

/// An account as lines of JSON: its records one by one, or the events of one change. A record's form is that of its Swift type, so
/// nothing that a record has can be forgotten, and a program that knows the record otherwise refuses the line.
package enum AccountText {
    /// The events of one change, which is kept whole or not at all.
    package static func line(_ events: [AccountEvent]) throws -> [UInt8] { Array(try self.encoder.encode(events)) }

    /// Every record of an account.
    package static func lines(_ account: Account) throws -> [[UInt8]] {
        let encoder = self.encoder
        return try account.records.map { Array(try encoder.encode($0)) }
    }

    /// The account that `lines` and what has been appended since describe.
    ///
    /// - Parameter records: `nil` for a new account.
    package static func account(_ records: [[UInt8]]?, _ changes: [[UInt8]]) throws(AccountTextError) -> Account {
        let decoder = JSONDecoder()
        var account = Account()
        if let records {
            var known: [AccountEvent.Record] = []
            known.reserveCapacity(records.count)
            for line in records { known.append(try self.value(line, decoder)) }
            account = Account(records: known)
        }
        for line in changes {
            let events: [AccountEvent] = try self.value(line, decoder)
            for event in events { account.apply(event) }
        }
        return account
    }

    private static func value<Value: Decodable>(
        _ line: [UInt8],
        _ decoder: JSONDecoder
    ) throws(AccountTextError) -> Value {
        do {
            return try decoder.decode(Value.self, from: Data(line))
        } catch {
            throw AccountTextError(line: String(decoding: line.prefix(120), as: UTF8.self))
        }
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }
}

/// A line is whole and yet no record of this program's: another version wrote it.
package struct AccountTextError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Its beginning.
    package var line: String

    package var description: String { "another version of elblab wrote this record: \(self.line)" }
}
