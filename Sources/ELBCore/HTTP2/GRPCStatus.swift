/// How a call ended, for a gRPC client that gets an answer from the balancer itself and not from a server (ALB-HTTP-013).
///
/// The numbers are those that gRPC clients give an answer without `grpc-status`
/// (https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md), so that both kinds of client see the same.
package struct GRPCStatus: Hashable, Sendable {
    package let code: Int
    /// In lower case, as in `grpc-message: unavailable`.
    package let message: String

    package init(ofHTTP status: Int) {
        (self.code, self.message) =
            switch status {
            case 400: (13, "internal")
            case 401: (16, "unauthenticated")
            case 403: (7, "permission denied")
            case 404: (12, "unimplemented")
            case 429, 502, 503, 504: (14, "unavailable")
            default: (2, "unknown")
            }
    }
}
