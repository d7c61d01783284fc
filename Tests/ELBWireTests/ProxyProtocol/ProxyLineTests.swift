import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `A line of PROXY protocol` {
    private static func line(_ client: String, _ proxy: String) -> String {
        guard let client = IPAddress(client), let proxy = IPAddress(proxy) else { return "" }
        let line = ProxyLine(
            client: Endpoint(address: client, port: 65535),
            proxy: Endpoint(address: proxy, port: 443)
        )
        return String(decoding: line.bytes, as: UTF8.self)
    }

    @Test(
        .covers("CLB-PP-002"),
        arguments: [
            ("192.0.2.1", "127.10.1.4", "PROXY TCP4 192.0.2.1 127.10.1.4 65535 443\r\n"),
            ("2001:db8::1", "::1", "PROXY TCP6 2001:db8::1 ::1 65535 443\r\n"),
            ("2001:db8::1", "127.0.0.1", "PROXY UNKNOWN\r\n"),
        ] as [(String, String, String)]
    )
    func `says who speaks to whom`(client: String, proxy: String, line: String) {
        #expect(Self.line(client, proxy) == line)
    }

    @Test(.covers("CLB-PP-002"))
    func `has at most 107 bytes`() {
        let longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
        #expect(Self.line(longest, longest).utf8.count <= ProxyLine.longest)
    }
}
