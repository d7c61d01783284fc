import Hummingbird

extension Request {
    /// Reads the body.
    ///
    /// - Parameters:
    ///   - most: bytes that it may have.
    ///   - thrownAway: bytes up to which one that is too large is read and thrown away, so that its sender reads why: one whose
    ///     connection breaks while it writes tries again.
    /// - Returns: `nil` if it is too large.
    func bytes(atMost most: Int, thrownAway: Int) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        var count = 0
        for try await part in self.body {
            count += part.readableBytes
            guard count <= thrownAway else { return nil }
            if count <= most { bytes += part.readableBytesView }
        }
        return count <= most ? bytes : nil
    }
}
