import ELBModel
import ELBTestSupport
import ELBWire
import Testing

@Suite struct `Headers of PROXY protocol` {
    private static func endpoint(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8, _ port: Port) -> Endpoint {
        Endpoint(address: .v4(IPv4Address(a, b, c, d)), port: port)
    }

    @Test(.covers("NLB-PP-008")) func `CRC32c is the one that others compute`() {
        #expect(CRC32C.of(Array("123456789".utf8)) == 0xe306_9283)
        #expect(CRC32C.of([]) == 0)
        #expect(CRC32C.of(Array(repeating: 0, count: 32)) == 0x8a91_36aa)
    }

    /// AWS's own sample, of a connection through PrivateLink.
    @Test(.covers("NLB-PP-002", "NLB-PP-003", "NLB-PP-006", "NLB-PP-007", "NLB-PP-008", "NLB-PP-009"))
    func `are AWS's, byte for byte`() {
        let header = ProxyHeader(
            .proxy(source: Self.endpoint(172, 31, 7, 113, 51442), destination: Self.endpoint(172, 31, 10, 31, 80)),
            endpointID: "vpce-08d2bf15fac5001c9",
            padding: 36
        ).bytes
        var expected: [UInt8] = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]
        expected += [0x21, 0x11, 0x00, 0x54]
        expected += [0xac, 0x1f, 0x07, 0x71, 0xac, 0x1f, 0x0a, 0x1f, 0xc8, 0xf2, 0x00, 0x50]
        expected += [0x03, 0x00, 0x04, 0xe8, 0xd6, 0x89, 0x2d]
        expected += [0xea, 0x00, 0x17, 0x01] + Array("vpce-08d2bf15fac5001c9".utf8)
        expected += [0x04, 0x00, 0x24] + Array(repeating: 0, count: 36)
        #expect(header.count == 100)
        #expect(header == expected)
    }

    @Test(.covers("NLB-PP-002", "NLB-PP-003")) func `have 12 bytes of addresses, or 36`() {
        let v4 = ProxyHeader(
            .proxy(source: Self.endpoint(10, 0, 0, 1, 1), destination: Self.endpoint(10, 0, 0, 2, 2))
        ).bytes
        #expect(v4[13] == 0x11)
        #expect(v4.count == 16 + 12 + 7)
        #expect(Int(v4[14]) << 8 | Int(v4[15]) == v4.count - 16)
        let v6 = ProxyHeader(
            .proxy(
                source: Endpoint(address: .v6(IPv6Address.loopback), port: 0x1234),
                destination: Endpoint(address: .v6(IPv6Address.loopback), port: 0x5678)
            )
        ).bytes
        #expect(v6[13] == 0x21)
        #expect(v6.count == 16 + 36 + 7)
        #expect(Array(v6[48..<52]) == [0x12, 0x34, 0x56, 0x78])
    }

    @Test func `have IPv6 addresses when one of them is`() {
        let bytes = ProxyHeader(
            .proxy(
                source: Self.endpoint(10, 0, 0, 1, 1),
                destination: Endpoint(address: .v6(IPv6Address.loopback), port: 2)
            )
        ).bytes
        #expect(bytes[13] == 0x21)
        #expect(Array(bytes[26..<32]) == [0xff, 0xff, 10, 0, 0, 1])
    }

    @Test(.covers("NLB-PP-010")) func `of the load balancer's own connections tell of nobody`() {
        #expect(ProxyHeader(.local).bytes == ProxyHeader.signature + [0x20, 0x00, 0x00, 0x00])
    }
}
