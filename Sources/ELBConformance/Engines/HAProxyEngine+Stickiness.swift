internal import ELBModel

// HAProxy's own cookies name a server and are set once. AWS's are two, sealed, dated, and new with every answer, so that they are put
// together from what HAProxy can do with any text. A cookie is `CONTENT.SEAL`: the content is the server's name and the millisecond at
// which it was set, in base64, and the seal is its HMAC.
extension HAProxyEngine {
    /// Rules of a backend whose clients come back to their servers; none if they need not.
    func stickiness(_ group: TargetGroup, _ configuration: SubjectConfiguration) -> [String] {
        guard group.attributes.stickiness.isEnabled else { return [] }
        let age = configuration.milliseconds(group.attributes.stickiness.loadBalancerCookieSeconds)
        let seal = "hmac(sha256,\(Self.key)),hex"
        var lines = [
            // Of two different cookies AWSALBCORS counts.
            "http-request set-var(txn.bond) req.cook(AWSALB)",
            "http-request set-var(txn.bond) req.cook(AWSALBCORS) if { req.cook(AWSALBCORS) -m found }",
            "http-request set-var(txn.content) var(txn.bond),field(1,.)",
            "http-request set-var(txn.seal) var(txn.bond),field(2,.)",
            "http-request set-var(txn.due) var(txn.content),\(seal)",
            "http-request set-var(txn.set) var(txn.content),ub64dec,field(2,|)",
            "http-request set-var(txn.age) date(0,ms),sub(txn.set)",
            "http-request set-var(txn.server) var(txn.content),ub64dec,field(1,|)"
                + " if { var(txn.bond) -m found } { var(txn.seal),strcmp(txn.due) eq 0 } { var(txn.age) -m int lt \(age) }",
        ]
        // One that is down is passed over, and the answer binds the client to its new server.
        lines += group.targets.map { "use-server \($0.endpoint) if { var(txn.server) -m str \($0.endpoint) }" }
        let value = "%[var(txn.content)].%[var(txn.seal)]; Expires=%[date(604800),http_date]; Path=/"
        return lines + [
            "http-response set-var(txn.set) date(0,ms)",
            "http-response set-var(txn.content) srv_name,concat(|,txn.set),ub64enc",
            "http-response set-var(txn.seal) var(txn.content),\(seal)",
            "http-response add-header Set-Cookie \"AWSALB=\(value)\"",
            "http-response add-header Set-Cookie \"AWSALBCORS=\(value); SameSite=None\" if !{ ssl_fc }",
            "http-response add-header Set-Cookie \"AWSALBCORS=\(value); SameSite=None; Secure\" if { ssl_fc }",
        ]
    }

    /// What cookies are sealed with, in base64: new with each export, and the same for as long as the program runs, so that a change of
    /// the configuration leaves clients where they are.
    private static let key: String = {
        var generator = SystemRandomNumberGenerator()
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<44).map { _ in letters.randomElement(using: &generator) ?? "A" })
    }()
}
