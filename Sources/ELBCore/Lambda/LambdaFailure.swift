/// Why a request to a Lambda function failed, and what follows from it.
package struct LambdaFailure: Error, Hashable, Sendable {
    package let reason: Reason

    package init(_ reason: Reason) {
        self.reason = reason
    }

    /// The raw value is the access log's.
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        case accessDenied = "LambdaAccessDenied"
        case badRequest = "LambdaBadRequest"
        case connectionError = "LambdaConnectionError"
        case connectionTimeout = "LambdaConnectionTimeout"
        case ec2AccessDenied = "LambdaEC2AccessDeniedException"
        case ec2Throttled = "LambdaEC2ThrottledException"
        case ec2Unexpected = "LambdaEC2UnexpectedException"
        case eniLimitReached = "LambdaENILimitReachedException"
        case invalidResponse = "LambdaInvalidResponse"
        case invalidRuntime = "LambdaInvalidRuntimeException"
        case invalidSecurityGroupID = "LambdaInvalidSecurityGroupIDException"
        case invalidSubnetID = "LambdaInvalidSubnetIDException"
        case invalidZipFile = "LambdaInvalidZipFileException"
        case kmsAccessDenied = "LambdaKMSAccessDeniedException"
        case kmsDisabled = "LambdaKMSDisabledException"
        case kmsInvalidState = "LambdaKMSInvalidStateException"
        case kmsNotFound = "LambdaKMSNotFoundException"
        case requestTooLarge = "LambdaRequestTooLarge"
        case resourceNotFound = "LambdaResourceNotFound"
        case responseTooLarge = "LambdaResponseTooLarge"
        case serviceException = "LambdaServiceException"
        case subnetIPAddressLimitReached = "LambdaSubnetIPAddressLimitReachedException"
        case throttling = "LambdaThrottling"
        /// The function's own code failed or took too long.
        case unhandled = "LambdaUnhandled"
        /// The balancer could make nothing of what came back.
        case unhandledException = "LambdaUnhandledException"
        case webSocketNotSupported = "LambdaWebsocketNotSupported"
    }

    /// What the access log says.
    package var errorReason: ErrorReason? { ErrorReason(rawValue: self.reason.rawValue) }

    /// What the client gets. AWS names 400 for an upgrade, 413 for a large body, 504 for the service's connection timeout and 502
    /// for the rest (ALB-ERR-008, -014, -034, -043); for a request that is not UTF-8 it names none, and 400 says whose fault it is.
    package var status: Int {
        switch self.reason {
        case .badRequest, .webSocketNotSupported: 400
        case .requestTooLarge: 413
        case .connectionTimeout: 504
        case .accessDenied, .connectionError, .ec2AccessDenied, .ec2Throttled, .ec2Unexpected, .eniLimitReached,
            .invalidResponse, .invalidRuntime, .invalidSecurityGroupID, .invalidSubnetID, .invalidZipFile,
            .kmsAccessDenied, .kmsDisabled, .kmsInvalidState, .kmsNotFound, .resourceNotFound, .responseTooLarge,
            .serviceException, .subnetIPAddressLimitReached, .throttling, .unhandled, .unhandledException:
            502
        }
    }

    /// Whether it counts as LambdaInternalError; all others count as LambdaUserError (ALB-LMB-028).
    package var isInternal: Bool {
        switch self.reason {
        case .connectionError, .connectionTimeout, .serviceException, .unhandledException: true
        case .accessDenied, .badRequest, .ec2AccessDenied, .ec2Throttled, .ec2Unexpected, .eniLimitReached,
            .invalidResponse, .invalidRuntime, .invalidSecurityGroupID, .invalidSubnetID, .invalidZipFile,
            .kmsAccessDenied, .kmsDisabled, .kmsInvalidState, .kmsNotFound, .requestTooLarge, .resourceNotFound,
            .responseTooLarge, .subnetIPAddressLimitReached, .throttling, .unhandled, .webSocketNotSupported:
            false
        }
    }

    /// What an error of Lambda's Invoke API means.
    ///
    /// - Parameters:
    ///   - type: the API's name of the error, such as `TooManyRequestsException`; empty if it gave none, then the status decides.
    ///   - status: the API's HTTP status, not 200.
    package init(apiError type: String, status: Int) {
        // Most reasons are the API's names with another beginning: EC2ThrottledException, KMSDisabledException …
        if let reason = Reason(rawValue: "Lambda\(type)"), type.hasSuffix("Exception") {
            self.init(reason)
            return
        }
        switch (type, status) {
        case ("InvalidRequestContentException", _), ("InvalidParameterValueException", _), ("", 400):
            self.init(.badRequest)
        case ("AccessDeniedException", _), ("", 403): self.init(.accessDenied)
        case ("ResourceNotFoundException", _), ("", 404): self.init(.resourceNotFound)
        case ("RequestTooLargeException", _), ("", 413): self.init(.requestTooLarge)
        case ("TooManyRequestsException", _), ("", 429): self.init(.throttling)
        case ("", 500...599): self.init(.serviceException)
        default: self.init(.unhandledException)
        }
    }
}
