import FoundationEssentials
import NIOCore

/// Commands and replies as JSON lines: one value, one line, LF.
package enum ControlLines {
    /// A line longer than this is an error: nothing that we write comes near it.
    package static let longestLine = 64 << 20

    /// The value as one line, LF included.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return Array(try encoder.encode(value)) + [UInt8(ascii: "\n")]
    }

    package static func decode<Value: Decodable>(_ type: Value.Type, from line: some Sequence<UInt8>) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(line))
        } catch let error as DecodingError {
            throw BackendError(.invalid, Self.sentence(error))
        }
    }

    /// Collects bytes and gives whole lines, without their LF.
    package struct Splitter {
        private var buffer: [UInt8] = []
        private var scanned = 0

        package init() {}

        package mutating func append(_ bytes: some Sequence<UInt8>) {
            self.buffer += bytes
        }

        /// The next whole line, or `nil`.
        /// - Throws: `BackendError.invalid` when a line grows beyond `longestLine`.
        package mutating func next() throws(BackendError) -> [UInt8]? {
            guard let end = self.buffer[self.scanned...].firstIndex(of: UInt8(ascii: "\n")) else {
                // Never scan a byte twice: a log page comes in many pieces.
                self.scanned = self.buffer.count
                guard self.scanned <= ControlLines.longestLine else {
                    throw BackendError(.invalid, "a control line is longer than \(ControlLines.longestLine) bytes")
                }
                return nil
            }
            let line = Array(self.buffer[..<end])
            self.buffer.removeSubrange(...end)
            self.scanned = 0
            return line
        }

        /// What stands behind the last LF when no more bytes come: a line too, unless it is empty.
        package mutating func unfinished() -> [UInt8]? {
            defer { self = Self() }
            return self.buffer.isEmpty ? nil : self.buffer
        }
    }

    private static func sentence(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "'\(key.stringValue)' is missing\(Self.place(context.codingPath))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "\(context.debugDescription)\(Self.place(context.codingPath))"
        @unknown default:
            "not a value of the fleet's control language"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        path.isEmpty ? "" : " at \(path.map(\.stringValue).joined(separator: "."))"
    }
}
