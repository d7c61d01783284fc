import ELBCore
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Health check log lines` {
    private static func line(_ result: ProbeResult, type: String = "http") -> String {
        let record = HealthCheckLogRecord(
            type: type,
            startedAt: 1_761_914_699_875_678,
            latency: 19_584_011,
            target: "172.31.20.97:80",
            group: "HCLogsTestIPs",
            result: result
        )
        var clock = WallClockText()
        var output = ByteOutput()
        record.append(to: &output, loadBalancer: Array("app/web/1".utf8), node: Array("127.50.1.4".utf8), clock: &clock)
        return String(decoding: output.bytes, as: UTF8.self)
    }

    @Test(.covers("ALB-HLOG-003", "ALB-HLOG-004")) func `are as the service prints them, and two fields longer`() {
        #expect(
            Self.line(.passed(status: 200))
                == "http 2025-10-31T12:44:59.875678Z 0.019584011 172.31.20.97:80 HCLogsTestIPs PASS 200 - app/web/1 127.50.1.4\n"
        )
    }

    @Test(
        .covers("ALB-HLOG-005", "ALB-HLOG-006", "ALB-HLOG-007"),
        arguments: [
            (.mismatch(status: 404), "FAIL 404 ResponseCodeMismatch"),
            (.mismatch(status: 301), "FAIL 301 ResponseCodeMismatch"),
            (.mismatch(status: 500), "FAIL 500 TargetError"), (.mismatch(status: 503), "FAIL 503 TargetError"),
            (.timedOut, "FAIL - TimedOut"), (.failed, "FAIL - ConnectionReset"),
        ] as [(ProbeResult, String)]
    )
    func `say why a probe failed`(result: ProbeResult, text: String) {
        #expect(Self.line(result).contains(" HCLogsTestIPs \(text) app/web/1 "))
    }

    @Test(.covers("ALB-HLOG-005")) func `speak of gRPC's statuses, of which 0 is one`() {
        #expect(Self.line(.passed(status: 0), type: "grpc").contains(" PASS 0 - app/web/1 "))
        #expect(Self.line(.mismatch(status: 14), type: "grpc").contains(" FAIL 14 GRPCUnexpectedStatus app/web/1 "))
    }
}
