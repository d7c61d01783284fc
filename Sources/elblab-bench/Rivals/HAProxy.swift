extension RivalConfiguration {
    var haproxy: String {
        let bundle = ServerCertificate.bundle(in: self.folder)
        let (front, back) =
            switch self.traffic {
            case .http1, .webSocket, .tcp, .bulk, .udp: ("", "")
            case .http1OverTLS: (" ssl crt \(bundle) alpn http/1.1", "")
            case .http2: (" ssl crt \(bundle) alpn h2", "")
            case .grpc: (" ssl crt \(bundle) alpn h2", " proto h2")
            }
        guard !self.traffic.isOpaque else { return self.haproxyStreams }
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

    private var haproxyStreams: String {
        """
        global
            nbthread 1
            maxconn 4096
        defaults
            mode tcp
            timeout connect 10s
            timeout client 350s
            timeout server 350s
        frontend front
            bind 127.0.0.1:\(self.listen)
            default_backend back
        backend back
            server one 127.0.0.1:\(self.backend)

        """
    }
}
