import ELBCore

/// Seals nothing, so that tests see what is in a cookie: the content with every bit turned over, and a byte that must be
/// right.
final class ClearSealer: CookieSealing {
    func seal(_ clear: [UInt8], at now: Int64) -> [UInt8] {
        clear.map { ~$0 } + [0x5a]
    }

    func open(_ sealed: [UInt8], at now: Int64) -> [UInt8]? {
        sealed.last == 0x5a ? sealed.dropLast().map { ~$0 } : nil
    }
}
