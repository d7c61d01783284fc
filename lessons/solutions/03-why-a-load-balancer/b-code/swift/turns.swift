extension Group {
    /// The target whose turn it is; `nil` without targets. Several connections ask at the same time, each on a thread of its own.
    func choose() -> Target? {
        let able = self.able
        guard !able.isEmpty else { return nil }
        return self.lock {
            defer { self.turns += 1 }
            return able[self.turns % able.count]
        }
    }
}
