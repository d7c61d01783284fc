import Crypto
import ELBCore
import ELBNet
import ELBTestSupport
import Testing

@Suite struct `Keys of authentication` {
    @Test(.covers("ALB-AUTH-017")) func `opens what it sealed, for the same purpose, unchanged`() {
        let keys = AuthenticationKeys()
        let sealed = keys.seal([1, 2, 3], for: [9])
        #expect(keys.open(sealed, for: [9]) == [1, 2, 3])
        #expect(keys.open(sealed, for: [8]) == nil)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(keys.open(changed, for: [9]) == nil)
        }
        #expect(keys.open([], for: [9]) == nil)
        #expect(AuthenticationKeys().open(sealed, for: [9]) == nil)
        #expect(keys.seal([1, 2, 3], for: [9]) != sealed)
    }

    @Test(.covers("ALB-AUTH-014", "ALB-AUTH-016")) func `signs what its public key verifies`() throws {
        let keys = AuthenticationKeys()
        let signature = keys.signES256(Array("header.payload".utf8))
        #expect(signature.count == 64)
        let publicKey = try P256.Signing.PublicKey(pemRepresentation: keys.publicKeyPEM)
        let read = try P256.Signing.ECDSASignature(rawRepresentation: signature)
        #expect(publicKey.isValidSignature(read, for: Array("header.payload".utf8)))
        // A UUID, as AWS's.
        #expect(keys.keyID.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12])
    }

    @Test(.covers("ALB-JWT-004")) func `takes no numbers for a key that are none`() {
        let keys = AuthenticationKeys()
        for key in [
            RSAPublicKey(modulus: [], exponent: []), RSAPublicKey(modulus: [1], exponent: [1]),
            RSAPublicKey(modulus: Array(repeating: 0xff, count: 256), exponent: []),
        ] {
            #expect(!keys.verifiesRS256(Array(repeating: 0, count: 256), of: [1], by: key))
        }
        #expect(
            !keys.verifiesRS256(
                [],
                of: [1],
                by: RSAPublicKey(modulus: Array(repeating: 0xff, count: 256), exponent: [1, 0, 1])
            )
        )
    }
}
