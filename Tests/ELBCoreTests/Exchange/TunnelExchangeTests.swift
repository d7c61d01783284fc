import ELBCore
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `An exchange whose target switches protocols` {
    private static func tunnel() -> Exchange {
        var exchange = Exchange()
        exchange.admitted(RequestHead(), hasBody: false, closesAfterwards: false)
        exchange.sent(reused: true)
        exchange.responseBytesSeen()
        exchange.protocolsSwitched()
        return exchange
    }

    @Test(.covers("ALB-HTTP-031")) func `is a tunnel, and neither connection lives on`() {
        var exchange = Self.tunnel()
        #expect(exchange.isTunnel && exchange.responseStarted && !exchange.isIdle)
        #expect(!exchange.keepsClient)
        #expect(exchange.responseEnded() == Exchange.Persistence(client: false, target: false))
    }

    @Test func `ends, whatever became of its target, without another answer`() {
        for failure in [Exchange.TargetFailure.closed, .deregistered, .idleTimeout] {
            var exchange = Self.tunnel()
            #expect(exchange.targetFailed(failure) == .endTunnel)
        }
    }
}
