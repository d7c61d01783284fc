import ELBModel

/// A header of PROXY protocol, version 2, as a backend has read it: by its own reader, so that a mistake of the load balancer's
/// writer cannot hide in a shared one.
package struct RecordedProxyHeader: Codable, Hashable, Sendable {
    /// Every byte of it.
    package var bytes: RecordedBytes
    /// Whether it speaks for a client; if not, it is the load balancer's own.
    package var isProxied: Bool
    /// `127.200.0.1:40000`; empty where there is no address.
    package var source = ""
    package var destination = ""
    /// The types of the TLVs, in order.
    package var types: [UInt8] = []
    /// Whether the checksum is that of the header; `nil` without one.
    package var isChecksumRight: Bool?

    /// What comes of the first bytes of a connection.
    enum Reading {
        case none
        case incomplete
        case header(RecordedProxyHeader, length: Int)
    }

    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]

    /// Reads a header at the beginning of these bytes.
    static func read(_ bytes: [UInt8]) -> Reading {
        guard bytes.prefix(12).elementsEqual(Self.signature.prefix(bytes.count)) else { return .none }
        guard bytes.count >= 16 else { return .incomplete }
        let length = 16 + (Int(bytes[14]) << 8 | Int(bytes[15]))
        guard bytes[12] >> 4 == 2 else { return .none }
        guard bytes.count >= length else { return .incomplete }
        var header = Self(bytes: RecordedBytes(Array(bytes[..<length])), isProxied: bytes[12] & 15 == 1)
        var place = 16
        switch bytes[13] {
        case 0x11 where length >= 28, 0x12 where length >= 28:
            header.source = Self.place(IPAddress.v4(Self.v4(bytes[16..<20])), bytes[24..<26])
            header.destination = Self.place(IPAddress.v4(Self.v4(bytes[20..<24])), bytes[26..<28])
            place = 28
        case 0x21 where length >= 52, 0x22 where length >= 52:
            header.source = Self.place(IPAddress.v6(Self.v6(bytes[16..<32])), bytes[48..<50])
            header.destination = Self.place(IPAddress.v6(Self.v6(bytes[32..<48])), bytes[50..<52])
            place = 52
        default: break
        }
        while place + 3 <= length {
            let size = Int(bytes[place + 1]) << 8 | Int(bytes[place + 2])
            header.types.append(bytes[place])
            if bytes[place] == 3, size == 4, place + 7 <= length {
                header.isChecksumRight = Self.isRight(header.bytes.bytes, at: place + 3)
            }
            place += 3 + size
        }
        return .header(header, length: length)
    }

    private static func place(_ address: IPAddress, _ port: ArraySlice<UInt8>) -> String {
        let number = port.reduce(0) { $0 << 8 | Int($1) }
        switch address {
        case .v4: return "\(address):\(number)"
        case .v6: return "[\(address)]:\(number)"
        }
    }

    private static func v4(_ bytes: ArraySlice<UInt8>) -> IPv4Address {
        IPv4Address(rawValue: bytes.reduce(0) { $0 << 8 | UInt32($1) })
    }

    private static func v6(_ bytes: ArraySlice<UInt8>) -> IPv6Address {
        IPv6Address(
            high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            low: bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
        )
    }

    /// CRC32c of the header with zeros in place of the checksum.
    private static func isRight(_ bytes: [UInt8], at place: Int) -> Bool {
        var remainder: UInt32 = .max
        for (index, byte) in bytes.enumerated() {
            remainder ^= (place..<place + 4).contains(index) ? 0 : UInt32(byte)
            for _ in 0..<8 { remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0x82f6_3b78 : remainder >> 1 }
        }
        return ~remainder == bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
