import ELBConformance

/// What servers saw, cut at the probes of one of them: between two probes a target is in service or it is not, and the
/// requests that reached it tell. Only counts and order are used; time serves to put records in order.
struct ProbeTimeline {
    /// One probe and what followed until the next.
    struct Window: Hashable {
        var probe: Sighting
        /// Requests of clients that reached the server between the end of this probe and the start of the next.
        var requestsHere: Int
        /// The same, at all servers.
        var requestsEverywhere: Int
        var service: Service
    }

    enum Service: Hashable {
        case inService
        case out
        /// Too little traffic to tell.
        case unknown
    }

    let windows: [Window]
    /// The longest time in which no client's request reached any server. Clients ask one request after another, so a long
    /// silence means that the machine stood still, and then a probe may have timed out that nobody let fail.
    let longestSilenceNanoseconds: UInt64

    /// A request that was chosen for the server before the balancer read the probe's answer may still arrive.
    static let graceNanoseconds: UInt64 = 6_000_000

    /// - Parameters:
    ///   - sightings: all servers', by time of arrival.
    ///   - server: whose probes cut the time. The last probe's window is open and left out,
    ///   - isOver: unless nothing more is expected: then it ends with the last request.
    init(_ sightings: [Sighting], of server: String, servers: Int, isOver: Bool = false) {
        let probes = sightings.filter { $0.server == server && $0.isProbe }
        var ends = probes.dropFirst().map(\.arrivedNanoseconds)
        if isOver, let last = sightings.last { ends.append(last.arrivedNanoseconds) }
        var windows: [Window] = []
        for (probe, end) in zip(probes, ends) {
            guard let settled = probe.settledNanoseconds else { continue }
            let traffic = sightings.filter {
                !$0.isProbe && $0.arrivedNanoseconds > settled + Self.graceNanoseconds && $0.arrivedNanoseconds < end
            }
            let here = traffic.count { $0.server == server }
            windows.append(
                Window(
                    probe: probe,
                    requestsHere: here,
                    requestsEverywhere: traffic.count,
                    service: Self.service(here, of: traffic.count, servers)
                )
            )
        }
        self.windows = windows
        let traffic = sightings.filter { !$0.isProbe }.map(\.arrivedNanoseconds)
        self.longestSilenceNanoseconds = zip(traffic, traffic.dropFirst()).map { $1 - $0 }.max() ?? 0
    }

    private static func service(_ here: Int, of all: Int, _ servers: Int) -> Service {
        // In service a server gets its share, all/servers or one less; out of service it gets nothing, or one straggler.
        if all < 2 * servers { return .unknown }
        if here == 0 { return .out }
        if here >= 2 { return .inService }
        return all >= 4 * servers ? .out : .unknown
    }

    /// For people: one line per probe.
    var text: String {
        self.windows.map { window in
            let answer = window.probe.status.map(String.init) ?? "no answer"
            return "probe \(window.probe.sequence): \(answer), then \(window.requestsHere) of "
                + "\(window.requestsEverywhere) requests here: \(window.service)"
        }.joined(separator: "\n")
    }
}
