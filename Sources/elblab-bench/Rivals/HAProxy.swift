extension RivalConfiguration {
    var haproxy: String {
        let bundle = ServerCertificate.bundle(in: self.folder)
        let (front, back) =
            switch self.traffic {
            case .http1, .webSocket: ("", "")
            case .http1OverTLS: (" ssl crt \(bundle) alpn http/1.1", "")
            case .http2: (" ssl crt \(bundle) alpn h2", "")
            case .grpc: (" ssl crt \(bundle) alpn h2", " proto h2")
            }
        return """
            global
                nbthread 1
                maxconn 4096
            defaults
                mode http
                timeout connect 10s
                timeout client 60s
                timeout server 60s
                timeout tunnel 60s
                option http-keep-alive
                option forwardfor
                http-reuse always
            frontend front
                bind 127.0.0.1:\(self.listen)\(front)
                default_backend back
            backend back
                server one 127.0.0.1:\(self.backend)\(back)

            """
    }
}
