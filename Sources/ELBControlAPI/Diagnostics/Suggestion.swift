/// Finds what somebody probably meant.
package enum Suggestion {
    /// `did you mean 'X'?` for the candidate that is nearest to what was written, if one is near enough: a third of
    /// the word may be wrong, at most four letters. Case is no difference.
    package static func didYouMean(_ written: String, among candidates: some Sequence<String>) -> String? {
        self.nearest(to: written, among: candidates).map { "did you mean '\($0)'?" }
    }

    static func nearest(to written: String, among candidates: some Sequence<String>) -> String? {
        // A name longer than any of AWS's is not a slip of the finger, and comparing it costs its length squared.
        guard written.utf8.count <= 128 else { return nil }
        let allowance = min(4, max(1, written.count / 3))
        let lowered = Array(written.lowercased().utf8)
        return candidates.sorted()
            .map { (name: $0, distance: self.editDistance(lowered, Array($0.lowercased().utf8))) }
            .filter { $0.distance <= allowance }
            .min { $0.distance < $1.distance }?
            .name
    }

    /// The number of bytes to insert, remove, replace or swap with a neighbour to get from one word to the other
    /// (optimal string alignment).
    static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious: [Int] = []
        var previous = Array(0...right.count)
        for (i, a) in left.enumerated() {
            var current = [i + 1]
            for (j, b) in right.enumerated() {
                var best = min(previous[j] + (a == b ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, a == right[j - 1], left[i - 1] == b {
                    best = min(best, beforePrevious[j - 1] + 1)
                }
                current.append(best)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
