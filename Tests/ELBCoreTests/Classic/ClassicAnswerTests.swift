import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Answers of a Classic Load Balancer` {
    @Test(
        .covers("CLB-ER-001", "CLB-ER-002", "CLB-ER-003", "CLB-ER-004", "CLB-ER-006", "CLB-ER-007"),
        arguments: [
            (400, "400 BAD_REQUEST"), (405, "405 METHOD_NOT_ALLOWED"), (408, "408 REQUEST_TIMEOUT"),
            (502, "502 BAD_GATEWAY"), (503, "503 Service Unavailable: Back-end server is at capacity"),
            (504, "504 GATEWAY_TIMEOUT"), (414, "400 BAD_REQUEST"), (463, "400 BAD_REQUEST"),
        ] as [(Int, String)]
    )
    func `have a line of their own and no body`(status: Int, line: String) {
        let response = PreparedResponse(classicErrorFor: status)
        #expect(String(decoding: response.statusLine, as: UTF8.self) == "HTTP/1.1 \(line)\r\n")
        #expect(response.body.isEmpty)
        #expect(String(decoding: response.contentFields, as: UTF8.self) == "Content-Length: 0\r\n")
    }

    @Test(
        .covers("CLB-ER-004", "CLB-ER-005", "CLB-ER-007", "CLB-TO-005"),
        arguments: [
            (.closed, 504), (.idleTimeout, 504), (.malformed, 502), (.refused, 503), (.connectTimeout, 503),
        ] as [(Exchange.TargetFailure, Int)]
    )
    func `say 504 for an instance that took a request and 503 for one that could not be reached`(
        failure: Exchange.TargetFailure,
        status: Int
    ) {
        #expect(failure.classicStatus == status)
    }
}
