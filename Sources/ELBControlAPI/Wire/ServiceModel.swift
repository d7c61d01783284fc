import FoundationEssentials

/// A service as AWS's own model describes it: operations, and the shapes of what goes in and comes out. It drives parsing,
/// validation and output, so that no operation has wire code of its own.
package struct ServiceModel: Decodable, Sendable {
    package var metadata: Metadata
    package var operations: [String: Operation]
    var shapes: [String: Shape]
    /// Names of operations that AWS has and that are not described here.
    package var otherOperations: [String]

    package struct Metadata: Decodable, Sendable {
        package var apiVersion: String
        package var `protocol`: Proto
        package var jsonVersion: String?
        package var xmlNamespace: String?
    }

    /// How requests and answers are written.
    package enum Proto: String, Decodable, Sendable {
        /// Forms in, XML out.
        case query
        /// EC2's dialect of the same.
        case ec2
        case json
        /// The operation and a part of its input are in the method and the path, the rest is JSON.
        case restJSON = "rest-json"

        /// Whether answers are JSON.
        var isJSON: Bool {
            switch self {
            case .query, .ec2: false
            case .json, .restJSON: true
            }
        }
    }

    package struct Operation: Decodable, Sendable {
        var input: String?
        var output: String?
        var resultWrapper: String?
        /// Names of the error shapes.
        var errors: [String]?
        /// How requests say that they want it, where the path does.
        var http: HTTP?

        struct HTTP: Decodable, Sendable {
            var method: String
            /// `/managedresources/{resourceIdentifier}`.
            var requestUri: String
            /// The status of an answer.
            var responseCode: Int
        }
    }

    /// What a value looks like. Which fields count depends on `type`.
    struct Shape: Decodable, Sendable {
        var type: Kind
        var members: [String: Member]?
        var required: [String]?
        var member: Member?
        var key: Member?
        var value: Member?
        var flattened: Bool?
        var `enum`: [String]?
        var min: Double?
        var max: Double?
        var pattern: String?
        var timestampFormat: String?
        /// Of errors: the code that goes over the wire, if it is not the shape's name.
        var code: String?
        var httpStatusCode: Int?

        enum Kind: String, Decodable, Sendable {
            case structure, list, map, string, integer, long, float, double, boolean, timestamp, blob, character
        }
    }

    /// A reference to a shape from within another one.
    struct Member: Decodable, Sendable {
        var shape: String
        var locationName: String?
        /// EC2's name in requests, where it differs from the one in answers.
        var queryName: String?
        var flattened: Bool?
        var timestampFormat: String?
        /// Where it stands in the request, if not in the body.
        var location: Location?

        enum Location: String, Decodable, Sendable {
            case uri, querystring, header, headers, statusCode
        }
    }

    static let elbv2 = Self.parse(ServiceModelText.elbv2)
    static let elb = Self.parse(ServiceModelText.elb)
    static let ec2 = Self.parse(ServiceModelText.ec2)
    static let acm = Self.parse(ServiceModelText.acm)
    static let cloudFormation = Self.parse(ServiceModelText.cloudFormation)
    static let iam = Self.parse(ServiceModelText.iam)
    static let sts = Self.parse(ServiceModelText.sts)
    static let zonalShift = Self.parse(ServiceModelText.zonalShift)

    private static func parse(_ text: StaticString) -> ServiceModel {
        do {
            let bytes = text.withUTF8Buffer { Data($0) }
            return try JSONDecoder().decode(ServiceModel.self, from: bytes)
        } catch {
            // Our own data, proved by a test.
            preconditionFailure("a service model cannot be read: \(error)")
        }
    }

    /// The shape of that name.
    func shape(_ name: String) -> Shape {
        guard let shape = self.shapes[name] else { preconditionFailure("the model lacks the shape \(name)") }
        return shape
    }

    /// Whether AWS has an operation of that name, described here or not.
    package func knows(_ operation: String) -> Bool {
        self.operations[operation] != nil || self.otherOperations.contains(operation)
    }

    /// HTTP's status of an error by its code on the wire: what the model says, 400 where it does not (docs/aws-endpoint.md).
    func status(ofError code: String) -> Int {
        for shape in self.shapes.values where shape.code == code { return shape.httpStatusCode ?? 400 }
        return self.shapes[code]?.httpStatusCode ?? 400
    }
}
