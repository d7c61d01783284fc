import ELBModel
import FoundationEssentials

/// What stands in front of a function: whether an HTTP request is an invocation of it that Lambda would carry out.
enum InvokeRequest {
    /// Lambda's limit of an event, 6 MB.
    static let bodyLimit = 6 << 20

    private static let beginning = "/2015-03-31/functions/"
    private static let end = "/invocations"

    /// The refusal of a request that must not reach the function; `nil` lets it in.
    ///
    /// - Parameter isBusy: whether as many invocations as are allowed are under way.
    static func refusal(
        of record: RequestRecord,
        event: [UInt8],
        function: LambdaFunction,
        isBusy: Bool
    ) -> InvokeReply? {
        let path = record.path
        guard path.hasPrefix(Self.beginning), path.hasSuffix(Self.end),
            path.utf8.count > Self.beginning.utf8.count + Self.end.utf8.count
        else {
            return InvokeReply(status: 404, error: "UnknownOperationException", "\(record.method) \(path) is not here")
        }
        guard record.method == "POST" else {
            return InvokeReply(
                status: 405,
                error: "MethodNotAllowedException",
                "Invoke is a POST, not \(record.method)"
            )
        }
        let name = Self.percentDecoded(path.dropFirst(Self.beginning.count).dropLast(Self.end.count))
        guard Self.means(name, function) else {
            return InvokeReply(status: 404, error: "ResourceNotFoundException", "Function not found: \(name)")
        }
        if let type = record.values(of: "x-amz-invocation-type").last, type != "RequestResponse" {
            return InvokeReply(
                status: 400,
                error: "InvalidParameterValueException",
                "The lab invokes by RequestResponse only, not \(type)"
            )
        }
        // Elastic Load Balancing says on whose behalf it asks; the function's owner, who says nothing, may always.
        if let source = record.values(of: "x-amz-source-arn").last,
            !function.permissions.contains(where: { $0.covers(source) })
        {
            return InvokeReply(
                status: 403,
                error: "AccessDeniedException",
                "elasticloadbalancing.amazonaws.com is not authorized to perform: lambda:InvokeFunction on resource: "
                    + "\(function.arn) from target group \(source)"
            )
        }
        guard event.count <= Self.bodyLimit else {
            return InvokeReply(
                status: 413,
                error: "RequestTooLargeException",
                "Request must be smaller than \(Self.bodyLimit) bytes for the InvokeFunction operation"
            )
        }
        guard event.isEmpty || (try? JSONDecoder().decode(Ignored.self, from: Data(event))) != nil else {
            return InvokeReply(
                status: 400,
                error: "InvalidRequestContentException",
                "Could not parse request body into json"
            )
        }
        return isBusy ? InvokeReply(status: 429, error: "TooManyRequestsException", "Rate Exceeded.") : nil
    }

    /// By its name, by account and name, or by its ARN.
    private static func means(_ text: String, _ function: LambdaFunction) -> Bool {
        guard let arn = FunctionARN(function.arn) else { return text == function.name }
        return text == arn.name || text == function.arn || text == "\(arn.account):function:\(arn.name)"
            || FunctionARN(text).map { $0.name == arn.name && $0.account == arn.account } == true
    }

    private static func percentDecoded(_ text: some StringProtocol) -> String {
        String(text).replacing("%3A", with: ":").replacing("%3a", with: ":").replacing("%24", with: "$")
    }

    /// Any JSON at all.
    private struct Ignored: Decodable {
        init(from decoder: any Decoder) throws {}
    }
}
