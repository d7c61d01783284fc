import ELBControlPlane
import ELBFleet
import ELBModel
import ELBNet

/// The fleet of child processes as the lab's control plane commands it.
struct FleetAdapter: LabFleet {
    let fleet: Fleet
    let certificates: CertificateStore

    func start(_ servers: [LabServer]) async throws {
        guard !servers.isEmpty else { return }
        try await self.fleet.launch(
            try servers.map { server in
                switch server {
                case .instance(let instance): try self.description(of: instance)
                case .function(let function): BackendDescription(function)
                }
            }
        )
    }

    /// Load balancers trust no identity provider whose certificate a stranger has signed; the lab's authority signs it.
    private func description(of instance: Instance) throws -> BackendDescription {
        var description = BackendDescription(instance)
        guard instance.behaviour.speaks == .oidc, instance.behaviour.tls?.certificate == .selfSigned else {
            return description
        }
        let hosts = instance.behaviour.identityProvider?.hostNames ?? []
        let text = try self.certificates.serverCertificate(names: [instance.address.description] + hosts)
        description.credentials = BackendCredentials(certificate: text.certificate, privateKey: text.privateKey)
        return description
    }

    func filter(_ name: String, _ ingress: TrafficFilter?) async throws {
        let reply = await self.fleet.perform(.ingress(FleetSelection(instances: [name]), ingress?.texts))
        if case .refused(let refusal) = reply { throw BackendError(refusal.code, refusal.message) }
    }

    func stop(_ names: [String]) async {
        // One by one: a name that is gone already must not keep the others alive.
        for name in names { _ = await self.fleet.perform(.down(FleetSelection(instances: [name]))) }
    }

    func perform(_ body: [UInt8]) async -> LabReply {
        let reply: FleetReply
        do {
            reply = await self.fleet.perform(try ControlLines.decode(FleetCommand.self, from: body))
        } catch {
            reply = .refused(FleetRefusal(.invalid, "not a fleet command: \(error)"))
        }
        let line = (try? ControlLines.encode(reply)) ?? []
        if case .refused(let refusal) = reply {
            return LabReply(status: refusal.code == .notFound ? 404 : 400, body: line)
        }
        return LabReply(body: line)
    }
}
