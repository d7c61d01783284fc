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

            Example: elblab export fixtures/templates/path-rules-canary.yaml --to haproxy
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

    @OptionGroup var parameterOption: ParameterOption

    func validate() throws {
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
        let files: [EngineFile]
        do throws(Inexpressible) {
            if let engine {
                files = try engine.files(for: configuration, folder: folder)
            } else {
                files = [EngineFile(name: "template.json", text: try CloudFormationExport.text(configuration))]
            }
        } catch {
            throw CommandFailure("it cannot be written for \(self.to): \(error)", status: .usage)
        }
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

    private func configuration() throws -> ELBConformance.SubjectConfiguration {
        let folder = TemplateFolder(paths: self.templates, parameters: try self.parameterOption.values(), quirks: [])
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
