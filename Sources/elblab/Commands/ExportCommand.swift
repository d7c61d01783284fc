import ArgumentParser
import ELBConformance
import ELBControlAPI
import ELBModel
import FoundationEssentials

/// `elblab export`: a topology as the configuration of another make of load balancer.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a template's load balancer as the configuration of another engine.",
        discussion: """
            What the engine has no words for is an error, never silently left out. Targets are the addresses of the lab's fleet: \
            run elblab up beside it, or put yours in their place.

            With --xds an Envoy is not given the configuration but told where to ask for it: at a running lab, which it then \
            follows (docs/beyond-one-machine.md).

            Examples:
              elblab export fixtures/templates/path-rules-canary.yaml --to haproxy
              elblab export fixtures/templates/two-zone-web.yaml --to envoy --xds 127.0.0.1:4566 --listen 127.0.0.2 >one.json
            """
    )

    @Argument(help: "CloudFormation templates, as for elblab up.")
    var templates: [String]

    @Option(help: ArgumentHelp("caddy, envoy, haproxy, nginx or cloudformation.", valueName: "engine"))
    var to: String

    @Option(help: ArgumentHelp("The load balancer, where there are several.", valueName: "name"))
    var loadBalancer: String?

    @Option(help: ArgumentHelp("Seconds of the template that pass in one.", valueName: "factor"))
    var timeScale = 1

    @Option(help: ArgumentHelp("A folder for the files; without one the file is printed.", valueName: "folder"))
    var out: String?

    @Option(help: ArgumentHelp("Let Envoy ask the lab that answers there, and follow it.", valueName: "host:port"))
    var xds: String?

    @Option(help: ArgumentHelp("Where an Envoy of --xds listens. Default: 127.0.0.1.", valueName: "address"))
    var listen: String?

    @OptionGroup var parameterOption: ParameterOption

    func validate() throws {
        if self.xds != nil, self.to != EnvoyEngine().name { throw ValidationError("--xds is for --to envoy") }
        if self.listen != nil, self.xds == nil { throw ValidationError("--listen needs --xds") }
        guard self.to == Self.cloudFormation || Engines.engine(self.to) != nil else {
            let names = Engines.all.map(\.name) + [Self.cloudFormation]
            throw ValidationError("no such engine: \(self.to); there are \(names.joined(separator: ", "))")
        }
        guard self.timeScale > 0 else { throw ValidationError("--time-scale takes a number from 1") }
    }

    private static let cloudFormation = "cloudformation"

    func run() throws {
        let configuration = try self.configuration()
        // Some engines name their own files, by absolute paths.
        let folder = self.out.map { URL(filePath: $0).standardized.path } ?? "."
        let engine = Engines.engine(self.to)
        let bootstrap = try self.bootstrap(for: configuration)
        var files: [EngineFile]
        do throws(Inexpressible) {
            if let engine {
                files = try engine.files(for: configuration, folder: folder)
            } else {
                files = [EngineFile(name: "template.json", text: try CloudFormationExport.text(configuration))]
            }
        } catch {
            throw CommandFailure("it cannot be written for \(self.to): \(error)", status: .usage)
        }
        // That there are words for the rest is known by now.
        if let bootstrap { files = [EngineFile(name: EnvoyBootstrap.fileName, text: bootstrap.text)] }
        guard self.out != nil else {
            guard files.count == 1 else {
                throw CommandFailure(
                    "\(self.to) takes \(files.count) files",
                    fix: "name a folder with --out",
                    status: .usage
                )
            }
            StandardStream.output.write(files[0].text)
            return
        }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw CommandFailure("\(folder) cannot be made")
        }
        for file in files { try TextFile.write(file.text, to: "\(folder)/\(file.name)") }
        StandardStream.output.printLine("wrote \(files.map(\.name).joined(separator: ", "))")
        guard let engine else { return }
        let command = ([engine.name] + engine.arguments(folder: folder)).joined(separator: " ")
        StandardStream.output.printLine("run: \(command)")
    }

    private func bootstrap(for configuration: ELBConformance.SubjectConfiguration) throws -> EnvoyBootstrap? {
        guard let text = self.xds else { return nil }
        guard let server = EnvoyBootstrap.Server(text) else {
            throw CommandFailure("--xds needs a host and a port, such as 127.0.0.1:4566, not '\(text)'", status: .usage)
        }
        guard let address = IPAddress(self.listen ?? "127.0.0.1") else {
            throw CommandFailure("--listen needs an IP address, not '\(self.listen ?? "")'", status: .usage)
        }
        return EnvoyBootstrap(server: server, loadBalancer: configuration.loadBalancer.name, address: address)
    }

    private func configuration() throws -> ELBConformance.SubjectConfiguration {
        let folder = TemplateFolder(paths: self.templates, parameters: try self.parameterOption.values())
        let topology = try folder.read().topology
        let balancers = topology.loadBalancers.filter {
            self.loadBalancer == nil || $0.name.rawValue == self.loadBalancer
        }
        guard let balancer = balancers.first, balancers.count == 1 else {
            let names = topology.loadBalancers.map(\.name.rawValue).joined(separator: ", ")
            throw CommandFailure(
                balancers.isEmpty ? "there is no such load balancer" : "there are several load balancers",
                fix: names.isEmpty
                    ? "the template needs an Application Load Balancer" : "--load-balancer takes one of \(names)",
                status: .usage
            )
        }
        return ELBConformance.SubjectConfiguration(
            loadBalancer: balancer,
            targetGroups: topology.targetGroups.filter { $0.kind == balancer.kind },
            timeScale: self.timeScale
        )
    }
}
