/// What a subject says of itself: which features it has, and which it leaves out and why. A check of an unclaimed feature is
/// `unsupported`: it is not run, and it never counts as passed.
package struct SubjectClaims: Hashable, Sendable {
    /// Something that the subject does not claim.
    package struct Omission: Hashable, Sendable {
        /// A feature with all below it.
        package var feature: String
        /// For people, a sentence; empty if nobody said.
        package var reason: String

        package init(_ feature: String, _ reason: String = "") {
            self.feature = feature
            self.reason = reason
        }
    }

    /// Features with all below them: `alb.rules` stands for `alb.rules.path-pattern` too.
    package var features: [String]
    package var omissions: [Omission]

    package init(_ features: [String], except omissions: [Omission] = []) {
        self.features = features
        self.omissions = omissions
    }

    /// Every feature of every kind of load balancer.
    package static let everything = Self(["alb", "clb", "gwlb", "nlb"])

    /// Whether the subject claims the feature. Of several entries about it the most precise one counts, so that `alb.rules` can
    /// be left out and `alb.rules.path-pattern` claimed, or the other way round.
    package func include(_ feature: String) -> Bool { self.objection(to: feature) == nil }

    /// Why a check of that feature is not run; `nil` if it is claimed.
    package func objection(to feature: String) -> String? {
        let claimed = self.features.filter { Self.holds($0, feature) }.map(\.count).max()
        let omission = self.omissions.filter { Self.holds($0.feature, feature) }.max {
            $0.feature.count < $1.feature.count
        }
        guard let omission, omission.feature.count >= claimed ?? 0 else {
            return claimed == nil ? "the subject does not claim \(feature)" : nil
        }
        guard !omission.reason.isEmpty else { return "the subject does not claim \(omission.feature)" }
        return "the subject leaves out \(omission.feature): \(omission.reason)"
    }

    private static func holds(_ entry: String, _ feature: String) -> Bool {
        feature == entry || feature.hasPrefix(entry + ".")
    }
}

extension Check {
    /// The kind of load balancer that it judges, the first part of its feature: `alb`, `clb`, `nlb`.
    package var profile: String { String(self.feature.prefix { $0 != "." }) }

    /// Why a subject with these claims is not judged by it; `nil` if it is.
    func objection(by claims: SubjectClaims) -> String? {
        ([self.feature] + self.furtherFeatures).lazy.compactMap { claims.objection(to: $0) }.first
    }
}
