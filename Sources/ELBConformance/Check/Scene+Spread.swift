package import ELBModel

extension Scene {
    /// Sends requests, all of which must be answered 200, and expects every backend of the group to have read its share: those and
    /// whatever went there before.
    package func expectSpread(
        of group: SceneGroup,
        is shares: [Int],
        after requests: (count: Int, listener: Endpoint),
        atOnce: Int = 4,
        tried: @autoclosure () -> String,
        expected: @autoclosure () -> String
    ) async throws {
        let outcomes = await self.sendMany(requests.count, "/", to: requests.listener, atOnce: atOnce)
        try self.expectAllAnswered(outcomes, status: 200)
        try await self.expectSpread(of: group, is: shares, tried: tried(), expected: expected())
    }

    /// Expects every backend of the group to have read its share of the requests so far.
    package func expectSpread(
        of group: SceneGroup,
        is shares: [Int],
        tried: @autoclosure () -> String,
        expected: @autoclosure () -> String
    ) async throws {
        let counts = await self.trafficCounts(group)
        try self.expect(
            counts == shares,
            tried: tried(),
            expected: expected(),
            actual: counts.map(String.init).joined(separator: ", ")
        )
    }
}
