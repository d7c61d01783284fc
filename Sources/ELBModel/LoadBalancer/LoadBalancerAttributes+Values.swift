extension LoadBalancerAttributes {
    /// Every attribute of this kind of load balancer by AWS's key, defaults too, as DescribeLoadBalancerAttributes shows them.
    ///
    /// - Parameter scheme: an internal load balancer's `ipv6.deny_all_igw_traffic` is true (ALB-DNS-014).
    package func values(
        of kind: LoadBalancer.Kind,
        scheme: LoadBalancer.Scheme = .internetFacing
    ) -> [(key: String, value: String)] {
        let values =
            switch kind {
            case .network: self.networkValues
            case .application, .gateway, .classic: self.values
            }
        guard scheme == .internal else { return values }
        return values.map { $0.key == "ipv6.deny_all_igw_traffic" ? ($0.key, "true") : $0 }
    }

    private var networkValues: [(key: String, value: String)] {
        let values: [(key: String, value: String)] =
            [
                ("access_logs.s3.bucket", self.accessLogs.bucket),
                ("access_logs.s3.enabled", "\(self.accessLogs.isEnabled)"),
                ("access_logs.s3.prefix", self.accessLogs.prefix),
                ("deletion_protection.enabled", "\(self.deletionProtectionEnabled)"),
                ("dns_record.client_routing_policy", self.clientRoutingPolicy.rawValue),
                ("load_balancing.cross_zone.enabled", "\(self.crossZoneEnabled)"),
                ("zonal_shift.config.enabled", "\(self.zonalShiftEnabled)"),
            ] + Self.networkDefaultsNotInLab.map { ($0.key, $0.value) }
        return values.sorted { $0.key < $1.key }
    }

    /// Every attribute of an Application Load Balancer by AWS's key, defaults too, as DescribeLoadBalancerAttributes shows them.
    package var values: [(key: String, value: String)] {
        var values: [(key: String, value: String)] = [
            ("client_keep_alive.seconds", "\(self.clientKeepAliveSeconds)"),
            ("deletion_protection.enabled", "\(self.deletionProtectionEnabled)"),
            ("idle_timeout.timeout_seconds", "\(self.idleTimeoutSeconds)"),
            ("load_balancing.cross_zone.enabled", "true"),
            ("routing.http.desync_mitigation_mode", self.desyncMitigationMode.rawValue),
            ("routing.http.drop_invalid_header_fields.enabled", "\(self.dropInvalidHeaderFieldsEnabled)"),
            ("routing.http.preserve_host_header.enabled", "\(self.preserveHostHeaderEnabled)"),
            (
                "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
                "\(self.tlsVersionAndCipherSuiteEnabled)"
            ),
            ("routing.http.xff_client_port.enabled", "\(self.xffClientPortEnabled)"),
            ("routing.http.xff_header_processing.mode", self.xffHeaderProcessingMode.rawValue),
            ("routing.http2.enabled", "\(self.http2Enabled)"),
            ("zonal_shift.config.enabled", "\(self.zonalShiftEnabled)"),
        ]
        for log in LogKind.allCases {
            values.append(("\(log.rawValue).s3.bucket", self[log].bucket))
            values.append(("\(log.rawValue).s3.enabled", "\(self[log].isEnabled)"))
            values.append(("\(log.rawValue).s3.prefix", self[log].prefix))
        }
        values += Self.defaultsNotInLab.map { ($0.key, $0.value) }
        return values.sorted { $0.key < $1.key }
    }
}
