extension Group {
    /// The target whose turn it is; `nil` without targets. Several connections ask at the same time, each on a thread of its own.
    func choose() -> Target? {
        // TODO: `self.able` is who may be asked, `self.turns` how often somebody has been chosen, and `self.lock { … }` lets one
        // thread in at a time.
        nil
    }
}
