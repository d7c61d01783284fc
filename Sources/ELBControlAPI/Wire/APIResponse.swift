/// An answer in the form that the service's clients read.
package struct APIResponse: Hashable, Sendable {
    package var status: Int
    package var headers: [String: String]
    package var body: String

    /// A result.
    package init(_ output: WireValue, of operation: OperationName, requestID: String) {
        let model = operation.service.model
        self.status = 200
        switch model.metadata.protocol {
        case .query, .ec2:
            self.body = XMLWriter.response(output, of: operation.name, model: model, requestID: requestID)
            self.headers = Self.headers("text/xml", requestID)
        case .json:
            self.body = model.operations[operation.name].map { JSONWriter(model: model).text(output, $0) } ?? "{}"
            self.headers = Self.headers("application/x-amz-json-\(model.metadata.jsonVersion ?? "1.1")", requestID)
        case .restJSON:
            self.status = model.operations[operation.name]?.http?.responseCode ?? 200
            self.body = model.operations[operation.name].map { JSONWriter(model: model).text(output, $0) } ?? "{}"
            self.headers = Self.headers("application/json", requestID)
        }
    }

    /// An error, in the query form where nothing tells the service.
    package init(_ error: APIError, of service: Service?, requestID: String) {
        let model = service?.model
        var error = error
        // Services that speak JSON call it so.
        if model?.metadata.protocol.isJSON == true, error.code == "ValidationError" {
            error.code = "ValidationException"
        }
        self.status = error.status ?? model?.status(ofError: error.code) ?? 400
        let fault = self.status < 500 ? "Sender" : "Receiver"
        switch model?.metadata.protocol {
        case .json:
            self.body = JSONWriter.object([
                ("__type", JSONWriter.quote(error.code)), ("message", JSONWriter.quote(error.message)),
            ])
            self.headers = Self.headers("application/x-amz-json-\(model?.metadata.jsonVersion ?? "1.1")", requestID)
            // Some clients read the code here and not in the body.
            self.headers["x-amzn-errortype"] = error.code
        case .restJSON:
            let reason = error.reason.map { [("reason", JSONWriter.quote($0))] } ?? []
            self.body = JSONWriter.object([("message", JSONWriter.quote(error.message))] + reason)
            self.headers = Self.headers("application/json", requestID)
            self.headers["x-amzn-errortype"] = error.code
        case .ec2:
            let code = XMLWriter.escape(error.code)
            let message = XMLWriter.escape(error.message)
            self.body =
                "<Response><Errors><Error><Code>\(code)</Code><Message>\(message)</Message></Error></Errors>"
                + "<RequestID>\(requestID)</RequestID></Response>"
            self.headers = Self.headers("text/xml", requestID)
        case .query, nil:
            let namespace = model?.metadata.xmlNamespace ?? ServiceModel.elbv2.metadata.xmlNamespace ?? ""
            let code = XMLWriter.escape(error.code)
            let message = XMLWriter.escape(error.message)
            self.body =
                #"<ErrorResponse xmlns="\#(namespace)"><Error><Type>\#(fault)</Type><Code>\#(code)</Code>"#
                + "<Message>\(message)</Message></Error><RequestId>\(requestID)</RequestId></ErrorResponse>"
            self.headers = Self.headers("text/xml", requestID)
        }
    }

    private static func headers(_ type: String, _ requestID: String) -> [String: String] {
        ["content-type": type, "x-amzn-requestid": requestID]
    }
}
