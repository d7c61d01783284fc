import Crypto

/// Encrypts and authenticates with one key, for everything that the balancer gives away and wants back unread and unchanged:
/// stickiness cookies, login sessions. How long a key lasts is its owner's matter. ChaCha20-Poly1305:
///
///     byte 0 to 11  nonce, random
///     12 ...        ciphertext
///     last 16       tag
struct Seal: Sendable {
    private let key: SymmetricKey

    /// - Parameter key: of 256 bits.
    init(_ key: SymmetricKey) {
        self.key = key
    }

    /// - Parameter context: what is not in the text and must be the same when it is opened.
    func close(_ text: [UInt8], vouchingFor context: [UInt8]) -> [UInt8] {
        // Fails only for keys of another size.
        guard let box = try? ChaChaPoly.seal(text, using: self.key, authenticating: context) else { return [] }
        return Array(box.combined)
    }

    /// The text; `nil` for what has not been closed with this key and context.
    func open(_ sealed: [UInt8], vouchingFor context: [UInt8]) -> [UInt8]? {
        guard let box = try? ChaChaPoly.SealedBox(combined: sealed),
            let text = try? ChaChaPoly.open(box, using: self.key, authenticating: context)
        else { return nil }
        return Array(text)
    }
}
