extension PreparedResponse {
    /// An error of a Classic Load Balancer: a line in its own words and no body (CLB-ER-006, -007). It knows six statuses; whatever
    /// else is wrong with a request is a bad request to it (CLB-ER-001).
    package init(classicErrorFor status: Int) {
        let known = Self.classicReasons[status] != nil || status >= 500 ? status : 400
        self.init(
            status: known,
            reason: Self.classicReasons[known] ?? ReasonPhrase.text(for: known),
            contentType: nil,
            body: []
        )
    }

    private static let classicReasons = [
        400: "BAD_REQUEST", 405: "METHOD_NOT_ALLOWED", 408: "REQUEST_TIMEOUT", 502: "BAD_GATEWAY",
        503: "Service Unavailable: Back-end server is at capacity", 504: "GATEWAY_TIMEOUT",
    ]
}
