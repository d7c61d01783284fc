import ELBCore
import ELBModel
import ELBNet

extension NodeRuntime {
    /// Reads and writes the cookies of this configuration. Nodes have the same secret, so that each opens what the others seal.
    static func cookieCodec(_ configuration: NodeConfiguration, _ timeScale: TimeScale) -> CookieCodec {
        let second = timeScale.nanoseconds(seconds: 1)
        return CookieCodec(
            sealer: CookieSealer(
                configuration.cookieSecret,
                secondLength: second,
                isHonest: !configuration.snapshot.quirks.contains(.stickyForgedAccepted)
            ),
            secondLength: second,
            deviations: CookieCodec.Deviations(configuration.snapshot.quirks)
        )
    }

    /// What a request's cookies decide, for people.
    func explainStickiness(head: [UInt8], port: Port, peer: IPAddress) -> [String] {
        self.snapshot.explainStickiness(
            head: head,
            port: port,
            peer: peer,
            codec: self.cookies,
            groups: self.groups.map(\.state),
            now: self.wallClock(at: self.now())
        )
    }
}
