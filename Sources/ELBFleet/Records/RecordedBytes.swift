import FoundationEssentials

/// Bytes as they came off a socket. JSON carries them as base64.
package struct RecordedBytes: Hashable, Sendable {
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    /// The bytes as text; what is not UTF-8 becomes U+FFFD.
    package var text: String { String(decoding: self.bytes, as: UTF8.self) }
}

extension RecordedBytes: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let data = Data(base64Encoded: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not base64")
        }
        self.bytes = Array(data)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Data(self.bytes).base64EncodedString())
    }
}

/// One header or trailer field, name in the case that the peer used, value without the white space around it.
package struct RecordedField: Codable, Hashable, Sendable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// FNV-1a with 64 bits over everything appended so far: tells whether a body arrived whole without keeping it.
package struct BodyChecksum: Hashable, Sendable {
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    package init() {}

    package mutating func append(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            self.value = (self.value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
    }

    /// The checksum of `bytes` alone.
    package static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var checksum = Self()
        checksum.append(bytes)
        return checksum.value
    }
}
