/// What DescribeTargetHealth tells with `Include=AnomalyDetection` (ALB-ALG-011, -012). It does not change a target's
/// health.
package struct AnomalyDetection: Hashable, Sendable {
    package var result: Result
    /// `MitigationInEffect`: the target gets less than its share.
    package var isMitigationInEffect: Bool

    package init(result: Result = .normal, isMitigationInEffect: Bool = false) {
        self.result = result
        self.isMitigationInEffect = isMitigationInEffect
    }

    /// The raw value is AWS's `Result`.
    package enum Result: String, Hashable, Sendable, CaseIterable {
        case normal
        case anomalous
    }
}
