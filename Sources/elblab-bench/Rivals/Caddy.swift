extension RivalConfiguration {
    var caddy: String {
        let certificate = ServerCertificate.certificate(in: self.folder)
        let secure = "tls \(certificate) \(ServerCertificate.key(in: self.folder))"
        return """
            {
                admin off
                persist_config off
                auto_https off
                log {
                    level ERROR
                }
                servers {
                    protocols h1 h2
                }
            }
            \(self.traffic.isSecure ? "https" : "http")://:\(self.listen) {
                bind 127.0.0.1
                \(self.traffic.isSecure ? secure : "")
                reverse_proxy \(self.traffic.backend == .grpc ? "h2c://" : "")127.0.0.1:\(self.backend) {
                    transport http {
                        \(self.traffic.backend == .grpc ? "versions h2c 2" : "keepalive_idle_conns_per_host 128")
                    }
                }
            }

            """
    }
}
