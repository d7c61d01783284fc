import ArgumentParser
import ELBModel

/// How backends do TLS; each option but `--tls` implies it.
struct FleetTLSOptions: ParsableArguments {
    @Flag(name: .long, help: "Speak the protocol inside TLS; https implies it.")
    var tls = false

    @Option(name: .long, help: "Their certificate: self-signed, expired or wrong-name.")
    var certificate: BackendTLS.Certificate?

    @Option(name: .long, help: "The lowest version of TLS they accept, 1.0 to 1.3.")
    var tlsMinimum: BackendTLS.Version?

    @Option(name: .long, help: "The highest version of TLS they accept, 1.0 to 1.3.")
    var tlsMaximum: BackendTLS.Version?

    @Option(name: .long, help: "What goes wrong in place of a handshake: plain-text or silent.")
    var tlsFlaw: BackendTLS.Flaw?

    /// - Parameter implied: what the protocol's name implies, `nil` for clear text.
    /// - Throws: `CommandFailure` when the versions contradict each other.
    func settings(startingFrom implied: BackendTLS?) throws -> BackendTLS? {
        let isAsked =
            self.tls || self.certificate != nil || self.tlsMinimum != nil || self.tlsMaximum != nil
            || self.tlsFlaw != nil
        guard isAsked || implied != nil else { return nil }
        var settings = implied ?? BackendTLS()
        settings.certificate = self.certificate ?? settings.certificate
        settings.minimumVersion = self.tlsMinimum ?? settings.minimumVersion
        settings.maximumVersion = self.tlsMaximum ?? settings.maximumVersion
        settings.flaw = self.tlsFlaw ?? settings.flaw
        if let problem = settings.problem { throw CommandFailure(problem, status: .usage) }
        return settings
    }
}

extension BackendTLS.Certificate: ExpressibleByArgument {}
extension BackendTLS.Version: ExpressibleByArgument {}
extension BackendTLS.Flaw: ExpressibleByArgument {}
