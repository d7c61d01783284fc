/// An HTTP request as it reached the endpoint, as far as AWS's protocols look at it.
package struct APIRequest: Sendable {
    package var method: String
    package var path: String
    /// Behind the question mark, as sent.
    package var query: String
    /// Names in lower case.
    package var headers: [String: String]
    package var body: [UInt8]

    package init(
        method: String = "POST",
        path: String = "/",
        query: String = "",
        headers: [String: String] = [:],
        body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// Bytes that a body may have, also once it is inflated.
    package static let largestBody = 1 << 20

    package static let tooLarge = APIError(
        "RequestEntityTooLarge",
        "The request's body is larger than \(Self.largestBody) bytes",
        status: 413
    )

    /// The body as it was before the client compressed it.
    fileprivate func decodedBody() throws(APIError) -> [UInt8] {
        switch self.headers["content-encoding"]?.lowercased() {
        case nil, "", "identity": return self.body
        case "gzip":
            do throws(GzipReader.Failure) {
                return try GzipReader.inflate(self.body, limit: Self.largestBody)
            } catch {
                switch error {
                case .tooLarge: throw Self.tooLarge
                case .malformed: throw APIError("SerializationException", "The body is not what gzip makes")
                }
            }
        case let other?:
            throw APIError(
                "UnsupportedContentEncoding",
                "The lab cannot read a body with Content-Encoding '\(other.prefix(40))'; it reads gzip",
                status: 415
            )
        }
    }
}

/// An `APIRequest` understood: which operation, with which input, on whose behalf.
package struct APICall: Sendable {
    package var operation: OperationName
    package var input: WireValue
    package var signature: Signature?

    /// Whose signature a request claims to carry; `SignatureVerifier` tells whether it does.
    package struct Signature: Hashable, Sendable {
        package var accessKey: String
        package var region: String
        package var service: String

        /// `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, …`.
        init?(_ authorization: String) {
            guard let start = authorization.firstRange(of: "Credential=") else { return nil }
            let scope = authorization[start.upperBound...].prefix { $0 != "," && $0 != " " }.split(separator: "/")
            guard scope.count == 5, scope[4] == "aws4_request" else { return nil }
            self.accessKey = String(scope[0])
            self.region = String(scope[2])
            self.service = String(scope[3])
        }
    }

    /// Parses and validates by the service model.
    ///
    /// - Parameter service: set as soon as it is known, because an error is written in the service's own form.
    package init(_ request: APIRequest, service: inout Service?) throws(APIError) {
        if let target = request.headers["x-amz-target"] {
            try self.init(json: request, target: target, service: &service)
        } else if let found = Service.path(request.path) {
            service = found
            try self.init(rest: request, of: found)
        } else {
            try self.init(form: request, service: &service)
        }
        self.signature = request.headers["authorization"].flatMap(Signature.init)
    }

    private init(json request: APIRequest, target: String, service: inout Service?) throws(APIError) {
        let parts = target.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let found = Service.target(String(parts[0])) else {
            throw APIError(
                "UnknownOperationException",
                "The lab has no service for X-Amz-Target '\(target.prefix(80))'"
            )
        }
        service = found
        let model = found.model
        let operation = try Self.operation(String(parts[1]), of: found)
        self.operation = OperationName(found, String(parts[1]))
        self.input = try JSONInputDecoder(model: model).input(operation, request.decodedBody())
        try InputValidator(model: model).validate(self.input, of: operation)
    }

    private init(rest request: APIRequest, of service: Service) throws(APIError) {
        let model = service.model
        guard let (name, operation, parts) = RESTPath.operation(request.method, request.path, model) else {
            throw APIError(
                "UnknownOperationException",
                "The lab has nothing for \(request.method.prefix(10)) \(request.path.prefix(80)) (docs/aws-endpoint.md)",
                status: 404
            )
        }
        self.operation = OperationName(service, name)
        let body = try JSONInputDecoder(model: model).input(operation, request.decodedBody())
        self.input = try RESTPath.input(body, parts, query: request.query, operation, model)
        try InputValidator(model: model).validate(self.input, of: operation)
    }

    private init(form request: APIRequest, service: inout Service?) throws(APIError) {
        // Some clients put everything into the query string, and the version into the path.
        let body = try request.decodedBody()
        let form = try body.isEmpty ? FormParameters(request.query.utf8) : FormParameters(body)
        let version = form.root.children["Version"]?.value ?? request.path.split(separator: "/").first.map(String.init)
        let signature = request.headers["authorization"].flatMap(Signature.init)
        service = version.flatMap(Service.version)
        guard let found = service else {
            let name = signature.map { " of '\($0.service)'" } ?? ""
            throw APIError(
                version == nil ? "MissingAction" : "NotImplemented",
                "The lab serves no API\(name) of version '\(version?.prefix(40) ?? "")'",
                status: version == nil ? 400 : 501
            )
        }
        guard let action = form.root.children["Action"]?.value, !action.isEmpty else {
            throw APIError("MissingAction", "The request must contain the parameter Action")
        }
        let model = found.model
        let operation = try Self.operation(action, of: found)
        self.operation = OperationName(found, action)
        self.input = try FormDecoder(model: model).input(operation, form)
        try InputValidator(model: model).validate(self.input, of: operation)
    }

    private static func operation(_ name: String, of service: Service) throws(APIError) -> ServiceModel.Operation {
        if let operation = service.model.operations[name] { return operation }
        guard service.model.knows(name) else {
            let code = service.model.metadata.protocol.isJSON ? "UnknownOperationException" : "InvalidAction"
            throw APIError(
                code,
                "Could not find operation \(name.prefix(80)) for version \(service.model.metadata.apiVersion)"
            )
        }
        throw .notImplemented(OperationName(service, name))
    }
}

extension APIError {
    /// For an operation that AWS has and the lab has not built; clients do not try again.
    package static func notImplemented(_ operation: OperationName) -> Self {
        Self("NotImplemented", "The lab does not have \(operation) (docs/aws-endpoint.md)", status: 501)
    }
}
