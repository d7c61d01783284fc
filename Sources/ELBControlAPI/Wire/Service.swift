/// The services of AWS that the endpoint knows.
package enum Service: String, Hashable, Sendable, CaseIterable {
    case elbv2
    /// Classic Load Balancers.
    case elb
    case ec2
    case acm
    case cloudFormation = "cloudformation"
    case iam
    case sts
    /// Zonal shift of Application Recovery Controller.
    case zonalShift = "arc-zonal-shift"

    /// The service's shapes and operations, parsed when first asked for.
    package var model: ServiceModel {
        switch self {
        case .elbv2: ServiceModel.elbv2
        case .elb: ServiceModel.elb
        case .ec2: ServiceModel.ec2
        case .acm: ServiceModel.acm
        case .cloudFormation: ServiceModel.cloudFormation
        case .iam: ServiceModel.iam
        case .sts: ServiceModel.sts
        case .zonalShift: ServiceModel.zonalShift
        }
    }

    /// How requests for a service are told from others, without parsing its model.
    static let signs: [(service: Service, version: String, target: String?)] = [
        (.elbv2, "2015-12-01", nil),
        (.elb, "2012-06-01", nil),
        (.ec2, "2016-11-15", nil),
        (.acm, "2015-12-08", "CertificateManager"),
        (.cloudFormation, "2010-05-15", nil),
        (.iam, "2010-05-08", nil),
        (.sts, "2011-06-15", nil),
    ]

    /// What the paths of services begin with that are told apart by nothing else.
    package static let roots = ["zonalshifts": Self.zonalShift, "managedresources": .zonalShift]

    /// The service that a path belongs to; `nil` for those that tell themselves in other ways.
    static func path(_ path: String) -> Service? {
        path.split(separator: "/").first.flatMap { Self.roots[String($0)] }
    }

    /// The API versions of all services that speak forms.
    package static var versions: [String] { Self.signs.filter { $0.target == nil }.map(\.version) }

    /// The service of that API version, which is unique among those that speak forms.
    static func version(_ text: String) -> Service? {
        Self.signs.first { $0.version == text && $0.target == nil }?.service
    }

    /// The service that `X-Amz-Target` names by its prefix.
    static func target(_ prefix: String) -> Service? {
        Self.signs.first { $0.target == prefix }?.service
    }

    /// The same in every region; their requests are signed for us-east-1.
    package var isGlobal: Bool {
        switch self {
        case .iam, .sts: true
        case .elbv2, .elb, .ec2, .acm, .cloudFormation, .zonalShift: false
        }
    }
}

extension Service: CustomStringConvertible {
    package var description: String { self.rawValue }
}

/// An operation by its service and AWS's name for it.
package struct OperationName: Hashable, Sendable {
    package var service: Service
    package var name: String

    package init(_ service: Service, _ name: String) {
        self.service = service
        self.name = name
    }
}

extension OperationName: CustomStringConvertible {
    /// `elbv2.CreateRule`.
    package var description: String { "\(self.service).\(self.name)" }
}
