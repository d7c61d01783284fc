internal import ELBFleet
internal import ELBModel

/// Headers that only the load balancer may write.
enum ForgedHeaderChecks {
    static let all = [Self.identity]

    private static let identity = Check(
        "headers.forged",
        "What a client claims of its TLS connection, its certificate or its identity does not reach the target.",
        rows: ["ALB-HDR-040"],
        level: .provisional,
        feature: "alb.headers",
        reference: .forwardedHeaders,
        kills: [.tlsHeadersTrusted],
        lookAt: "what becomes of X-Amzn-Tls-, X-Amzn-Mtls- and X-Amzn-Oidc- headers that the client sends"
    ) { scene in
        let web = try await scene.group("web")
        let listener = try scene.listener(default: web.forward)
        try await scene.start()

        for name in [
            "x-amzn-tls-version", "X-Amzn-Tls-Cipher-Suite", "X-Amzn-Mtls-Clientcert", "X-Amzn-Mtls-Clientcert-Subject",
            "x-amzn-oidc-data", "X-Amzn-Oidc-Identity", "x-amzn-oidc-accesstoken",
        ] {
            let headers = [CurlHeader(name, "forged"), CurlHeader("X-Other", "1")]
            let exchange = await scene.send("GET", "/", to: listener, headers: headers)
            let record = try scene.expect(exchange, reached: web).record
            try scene.expect(name, of: exchange, record.values(of: name), is: [])
            try scene.expect("X-Other", of: exchange, record.values(of: "X-Other"), is: ["1"])
        }
    }
}
