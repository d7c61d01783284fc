import ELBModel
import SwiftASN1
import X509

/// A certificate revocation list (RFC 5280, section 5): who issued it, and which serial numbers are revoked.
struct RevocationList: Sendable {
    let issuer: DistinguishedName
    /// Big-endian, without leading zeros, as certificates have them.
    let serials: Set<[UInt8]>
    private let signed: [UInt8]
    private let signature: [UInt8]
    private let algorithm: X509.Certificate.SignatureAlgorithm?

    private enum Malformed: Error { case list }

    /// All lists of a text, with the limit that AWS has for their entries (ALB-TLS-025).
    ///
    /// - Parameter room: how many entries there may be.
    static func lists(inPEM text: String, room: inout Int) throws(ModelError) -> [RevocationList] {
        if let error = TrustStore.judge(revocationList: text) { throw error }
        var lists: [RevocationList] = []
        do {
            for document in try PEMDocument.parseMultiple(pemString: text) where document.discriminator == "X509 CRL" {
                let list = try RevocationList(der: document.derBytes)
                room -= list.serials.count
                lists.append(list)
            }
        } catch {
            throw ModelError(
                .invalidRevocationContent,
                "The revocation list cannot be read",
                at: "RevocationContents"
            )
        }
        guard room >= 0 else {
            throw ModelError(
                .tooManyTrustStoreRevocationEntries,
                "A trust store can have at most \(TrustStore.mostRevocationEntries) revocation entries",
                at: "RevocationContents"
            )
        }
        return lists
    }

    init(der: [UInt8]) throws {
        let outer = try Self.children(of: try DER.parse(der))
        guard outer.count == 3 else { throw Malformed.list }
        self.signed = Array(outer[0].encodedBytes)
        self.algorithm = try Self.algorithm(outer[1])
        let bits = try ASN1BitString(derEncoded: outer[2])
        self.signature = Array(bits.bytes)

        var parts = try Self.children(of: outer[0])[...]
        if parts.first?.identifier == .integer { parts.removeFirst() }
        // The algorithm once more, then the issuer, then one or two times.
        guard parts.count >= 3 else { throw Malformed.list }
        self.issuer = try DistinguishedName(derEncoded: parts[parts.startIndex + 1])
        parts = parts.dropFirst(3)
        if let next = parts.first, next.identifier == .utcTime || next.identifier == .generalizedTime {
            parts.removeFirst()
        }
        var serials: Set<[UInt8]> = []
        if let revoked = parts.first, revoked.identifier == .sequence {
            for entry in try Self.children(of: revoked) {
                guard let serial = try Self.children(of: entry).first, serial.identifier == .integer,
                    case .primitive(let bytes) = serial.content, let first = bytes.first
                else { throw Malformed.list }
                // Negative numbers cannot be revoked (ALB-TLS-025).
                if first < 0x80 { serials.insert(Self.normal(bytes)) }
            }
        }
        self.serials = serials
    }

    /// Whether the list was signed with the key of this certificate, which must be the issuer's.
    func isSigned(by issuer: X509.Certificate) -> Bool {
        guard let algorithm = self.algorithm else { return false }
        return issuer.publicKey.isValidSignature(self.signature, for: self.signed, signatureAlgorithm: algorithm)
    }

    func revokes(_ certificate: X509.Certificate) -> Bool {
        self.serials.contains(Self.normal(certificate.serialNumber.bytes))
    }

    private static func normal(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        Array(bytes.drop { $0 == 0 })
    }

    private static func children(of node: ASN1Node) throws -> [ASN1Node] {
        guard case .constructed(let nodes) = node.content else { throw Malformed.list }
        return Array(nodes)
    }

    /// By its object identifier; parameters say nothing for these.
    private static func algorithm(_ node: ASN1Node) throws -> X509.Certificate.SignatureAlgorithm? {
        guard let identifier = try Self.children(of: node).first else { throw Malformed.list }
        return switch try ASN1ObjectIdentifier(derEncoded: identifier) {
        case [1, 2, 840, 10045, 4, 3, 2]: .ecdsaWithSHA256
        case [1, 2, 840, 10045, 4, 3, 3]: .ecdsaWithSHA384
        case [1, 2, 840, 10045, 4, 3, 4]: .ecdsaWithSHA512
        case [1, 2, 840, 113549, 1, 1, 11]: .sha256WithRSAEncryption
        case [1, 2, 840, 113549, 1, 1, 12]: .sha384WithRSAEncryption
        case [1, 2, 840, 113549, 1, 1, 13]: .sha512WithRSAEncryption
        default: nil
        }
    }
}
