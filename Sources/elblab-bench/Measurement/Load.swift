/// One kind of load that is sent through each proxy in turn.
struct Load {
    /// Above its table.
    let title: String
    /// What is counted, in the singular: `request`.
    let unit: String
    /// Sends it for so many seconds.
    let send: (_ port: UInt16, _ seconds: Int, _ folder: WorkFolder) throws -> Count

    /// What a load generator saw.
    struct Count {
        /// Done as they should be.
        var done = 0
        /// Not answered, or not as they should be.
        var errors = 0
    }
}
