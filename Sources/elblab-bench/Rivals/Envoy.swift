extension RivalConfiguration {
    /// `accept_http_10` and its host are for the clients of handshakes, which speak no more than that.
    var envoy: String {
        """
        static_resources:
          listeners:
          - name: front
            address: { socket_address: { address: 127.0.0.1, port_value: \(self.listen) } }
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": \(Self.envoyType("filters.network.http_connection_manager.v3.HttpConnectionManager"))
                  stat_prefix: front
                  codec_type: AUTO
                  use_remote_address: true
                  http_protocol_options: { accept_http_10: true, default_host_for_http_10: example.com }
                  upgrade_configs: [{ upgrade_type: websocket }]
                  route_config:
                    virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes: [{ match: { prefix: "/" }, route: { cluster: back, timeout: 0s } }]
                  http_filters:
                  - name: envoy.filters.http.router
                    typed_config: { "@type": \(Self.envoyType("filters.http.router.v3.Router")) }
        \(self.envoyTLS)
          clusters:
          - name: back
            type: STATIC
            connect_timeout: 10s
            circuit_breakers:
              thresholds: [{ max_connections: 4096, max_pending_requests: 4096, max_requests: 4096 }]
        \(self.envoyUpstream)
            load_assignment:
              cluster_name: back
              endpoints:
              - lb_endpoints:
                - endpoint:
                    address: { socket_address: { address: 127.0.0.1, port_value: \(self.backend) } }

        """
    }

    var envoyStreams: String {
        """
        static_resources:
          listeners:
          - name: front
            address:
              socket_address:
                address: 127.0.0.1
                port_value: \(self.listen)
                protocol: \(self.traffic == .udp ? "UDP" : "TCP")
            \(self.traffic == .udp ? self.envoyDatagrams : self.envoyConnections)
          clusters:
          - name: back
            type: STATIC
            connect_timeout: 10s
            circuit_breakers: { thresholds: [{ max_connections: 20000, max_pending_requests: 20000 }] }
            load_assignment:
              cluster_name: back
              endpoints:
              - lb_endpoints:
                - endpoint:
                    address: { socket_address: { address: 127.0.0.1, port_value: \(self.backend) } }

        """
    }

    private var envoyConnections: String {
        let type = Self.envoyType("filters.network.tcp_proxy.v3.TcpProxy")
        return """
            filter_chains: [{ filters: [{ name: envoy.filters.network.tcp_proxy, typed_config: \
            { "@type": \(type), stat_prefix: front, cluster: back } }] }]
            """
    }

    private var envoyDatagrams: String {
        let proxy = Self.envoyType("filters.udp.udp_proxy.v3.UdpProxyConfig")
        let route = Self.envoyType("filters.udp.udp_proxy.v3.Route")
        return """
            listener_filters: [{ name: envoy.filters.udp_listener.udp_proxy, typed_config: { "@type": \(proxy), \
            stat_prefix: front, matcher: { on_no_match: { action: { name: route, typed_config: \
            { "@type": \(route), cluster: back } } } } } }]
            """
    }

    private var envoyTLS: String {
        guard self.traffic.isSecure else { return "" }
        return """
                  transport_socket:
                    name: envoy.transport_sockets.tls
                    typed_config:
                      "@type": \(Self.envoyType("transport_sockets.tls.v3.DownstreamTlsContext"))
                      common_tls_context:
                        alpn_protocols: [h2, http/1.1]
                        tls_certificates:
                        - certificate_chain: { filename: "\(ServerCertificate.certificate(in: self.folder))" }
                          private_key: { filename: "\(ServerCertificate.key(in: self.folder))" }
            """
    }

    private var envoyUpstream: String {
        guard self.traffic.backend == .grpc else { return "" }
        return """
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": \(Self.envoyType("upstreams.http.v3.HttpProtocolOptions"))
                    explicit_http_config: { http2_protocol_options: {} }
            """
    }

    private static func envoyType(_ name: String) -> String {
        "type.googleapis.com/envoy.extensions.\(name)"
    }
}
