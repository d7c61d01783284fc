package import ELBCore

/// Where complete log files go: what S3 is to a load balancer. Called from event loops, so it must not block.
package protocol LogStore: Sendable {
    /// Takes a file. Delivery is best effort, as at AWS (ALB-LOG-002).
    func deliver(_ object: LogFile.Object)
    /// Returns when everything taken so far is where it belongs.
    func flush() async
}
