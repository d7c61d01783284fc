import ELBNet
import ELBTestSupport
import Testing

@Suite struct `Alerts of TLS` {
    @Test(
        .covers("NLB-MT-010"),
        arguments: [
            ([21, 3, 3, 0, 2, 2, 48], 48),
            // Behind the change of ciphers that TLS 1.3 sends for old boxes on the way.
            ([20, 3, 3, 0, 1, 1, 21, 3, 3, 0, 2, 1, 0], 0),
            // One that is encrypted, other records, half a record, nothing.
            ([21, 3, 3, 0, 19] + [UInt8](repeating: 7, count: 19), nil),
            ([22, 3, 3, 0, 2, 2, 48], nil),
            ([21, 3, 3, 0, 2, 2], nil),
            ([21, 3, 3, 255, 255], nil),
            ([], nil),
        ] as [([UInt8], UInt8?)]
    )
    func `are read where they come in clear`(bytes: [UInt8], alert: UInt8?) {
        #expect(TLSAlert.inClear(bytes.span) == alert)
    }
}
