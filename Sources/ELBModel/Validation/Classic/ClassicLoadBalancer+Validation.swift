extension ClassicLoadBalancer {
    /// AWS's quotas (CLB-AP-010): load balancers per Region, and listeners and instances of each.
    package static let mostLoadBalancers = 20
    package static let mostListeners = 100
    package static let mostInstances = 1000
    /// AWS has the error `TooManyPolicies` and does not say how many are too many.
    package static let mostPolicies = 100

    /// Everything that AWS would refuse about the load balancer, and what the lab does not have.
    package func validate() -> [ModelError] {
        var validator = Validator()
        self.validate(&validator)
        return validator.errors
    }

    func validate(_ validator: inout Validator) {
        // CLB-AP-007.
        validator.validate(name: self.name.rawValue, what: "load balancer")
        self.validateNodes(&validator)
        self.validateListeners(&validator)
        validator.at("HealthCheck") { self.healthCheck.validate(&$0) }
        self.validateInstances(&validator)
        validator.at("LoadBalancerAttributes") { self.attributes.validate(&$0) }
        self.validatePolicies(&validator)
        self.validatePoliciesInUse(&validator)
    }

    /// CLB-AP-008.
    private func validateNodes(_ validator: inout Validator) {
        if self.nodes.isEmpty {
            validator.report(
                .invalidConfigurationRequest,
                "A load balancer must have at least one Availability Zone or subnet",
                at: "Subnets"
            )
        }
        var zones: Set<AvailabilityZone> = []
        for (index, node) in self.nodes.enumerated() where !zones.insert(node.zone).inserted {
            validator.report(
                .invalidConfigurationRequest,
                "A load balancer cannot be attached to multiple subnets in the same Availability Zone: \(node.zone)",
                at: "Subnets[\(index)]"
            )
        }
    }

    private func validateListeners(_ validator: inout Validator) {
        if self.listeners.count > Self.mostListeners {
            validator.report(
                .invalidConfigurationRequest,
                "A load balancer can have at most \(Self.mostListeners) listeners",
                at: "Listeners"
            )
        }
        validator.each("Listeners", self.listeners) { $1.validate(&$0) }
        var ports: Set<Port> = []
        var instancePorts: [Port: Bool] = [:]
        for (index, listener) in self.listeners.enumerated() {
            if !ports.insert(listener.port).inserted {
                // CLB-LS-005.
                validator.report(
                    .duplicateListener,
                    "A listener already exists for \(self.name) with LoadBalancerPort \(listener.port), but with a different "
                        + "InstancePort, Protocol, or SSLCertificateId",
                    at: "Listeners[\(index)].LoadBalancerPort"
                )
            }
            // CLB-LS-003.
            let isSecure = instancePorts[listener.instancePort] ?? listener.instanceProtocol.isSecure
            instancePorts[listener.instancePort] = isSecure
            if isSecure != listener.instanceProtocol.isSecure {
                validator.report(
                    .invalidConfigurationRequest,
                    "Listeners with the same InstancePort \(listener.instancePort) must all have secure instance protocols "
                        + "(HTTPS, SSL), or none",
                    at: "Listeners[\(index)].InstanceProtocol"
                )
            }
        }
    }

    /// CLB-RT-011: each is registered once.
    private func validateInstances(_ validator: inout Validator) {
        if self.instances.count > Self.mostInstances {
            validator.report(
                .invalidConfigurationRequest,
                "A load balancer can have at most \(Self.mostInstances) registered instances",
                at: "Instances"
            )
        }
        var ids: Set<InstanceID> = []
        for (index, instance) in self.instances.enumerated() where !ids.insert(instance.id).inserted {
            validator.report(
                .invalidInstance,
                "Instance '\(instance.id)' is registered already",
                at: "Instances[\(index)]"
            )
        }
    }
}

extension ClassicListener {
    func validate(_ validator: inout Validator) {
        // CLB-LS-002.
        if self.protocol.isHTTP != self.instanceProtocol.isHTTP {
            validator.report(
                .invalidConfigurationRequest,
                "Listener protocol \(self.protocol.rawValue) and instance protocol \(self.instanceProtocol.rawValue) must be of "
                    + "the same layer: both of HTTP and HTTPS, or both of TCP and SSL",
                at: "InstanceProtocol"
            )
        }
        // CLB-LS-006.
        switch (self.protocol.isSecure, self.certificate) {
        case (true, nil):
            validator.report(
                .validationError,
                "Secure Listeners need to specify a SSLCertificateId",
                at: "SSLCertificateId"
            )
        case (false, .some):
            validator.report(
                .validationError,
                "SSLCertificateId can be specified for HTTPS and SSL listeners only",
                at: "SSLCertificateId"
            )
        case (true, .some(let certificate)):
            certificate.validate(&validator, at: "SSLCertificateId")
            certificate.validateForClassic(&validator, at: "SSLCertificateId")
        case (false, nil): break
        }
    }
}

extension Certificate {
    /// CLB-TL-004: of Certificate Manager's, only those with RSA keys of up to 2048 bits.
    fileprivate func validateForClassic(_ validator: inout Validator, at place: String) {
        guard self.arn.region != nil, case .issued(_, let algorithm) = self.source else { return }
        switch algorithm {
        case .rsa2048: break
        case .ecdsaP256, .ecdsaP384:
            validator.report(
                .invalidConfigurationRequest,
                "A Classic Load Balancer cannot use a certificate of Certificate Manager with key algorithm "
                    + algorithm.rawValue,
                at: place
            )
        }
    }
}

extension ClassicHealthCheck {
    /// CLB-HC-003.
    func validate(_ validator: inout Validator) {
        validator.require(self.intervalSeconds, in: 5...300, "Interval", unit: "seconds")
        validator.require(self.timeoutSeconds, in: 2...60, "Timeout", unit: "seconds")
        validator.require(self.unhealthyThreshold, in: 2...10, "UnhealthyThreshold")
        validator.require(self.healthyThreshold, in: 2...10, "HealthyThreshold")
        if self.timeoutSeconds >= self.intervalSeconds {
            validator.report(
                .validationError,
                "HealthCheck timeout must be less than interval",
                at: "Timeout"
            )
        }
        // CLB-HC-001, for targets that did not come as text.
        if self.target.protocol.isHTTP != (self.target.path != nil) {
            validator.report(.validationError, Target.form, at: "Target")
        }
    }
}

extension ClassicHealthCheck.Target {
    /// What a target must look like, for messages.
    package static let form =
        "HealthCheck Target must be TCP:port, SSL:port, HTTP:port/path or HTTPS:port/path with a port from 1 to 65535, and have "
        + "at most 1024 characters"
}

extension ClassicAttributes {
    func validate(_ validator: inout Validator) {
        self.require(self.idleTimeoutSeconds, in: 1...4000, "ConnectionSettings.IdleTimeout", &validator)
        if let connectionDrainingSeconds {
            self.require(connectionDrainingSeconds, in: 1...3600, "ConnectionDraining.Timeout", &validator)
        }
        if self.accessLog.intervalMinutes != 5, self.accessLog.intervalMinutes != 60 {
            validator.report(
                .invalidConfigurationRequest,
                "AccessLog.EmitInterval must be 5 or 60 minutes, not \(self.accessLog.intervalMinutes)",
                at: "AccessLog.EmitInterval"
            )
        }
        let delivery = self.accessLog.delivery
        if delivery.isEnabled && delivery.bucket.isEmpty {
            validator.report(
                .invalidConfigurationRequest,
                "AccessLog needs an S3BucketName when it is enabled",
                at: "AccessLog.S3BucketName"
            )
        }
        if !delivery.bucket.isEmpty, !LogDelivery.isBucketName(delivery.bucket) {
            validator.report(
                .invalidConfigurationRequest,
                "AccessLog.S3BucketName must be 3 to 63 small letters, digits, dots and hyphens",
                at: "AccessLog.S3BucketName"
            )
        }
        if !LogDelivery.isPrefix(delivery.prefix) {
            validator.report(
                .invalidConfigurationRequest,
                "AccessLog.S3BucketPrefix must be a path without AWSLogs in it",
                at: "AccessLog.S3BucketPrefix"
            )
        }
    }

    private func require(_ number: Int, in range: ClosedRange<Int>, _ name: String, _ validator: inout Validator) {
        guard !range.contains(number) else { return }
        validator.report(
            .invalidConfigurationRequest,
            "\(name) must be between \(range.lowerBound) and \(range.upperBound), not \(number)",
            at: name
        )
    }
}
