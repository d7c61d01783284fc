import ELBControlAPI
import ELBControlPlane
import ELBLessons
import ELBModel
import ELBNet
import Logging

/// Carries out a script of `aws` calls on an account of its own, which begins with a template, and tells what has become of it.
enum ScriptReplay {
    /// For the whole script, in real time.
    private static let limit = Duration.seconds(90)

    /// A script that cannot be carried out to its end, in one line.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// `run`, where there is an `aws` command.
    static var here: (@Sendable (_ script: String, _ template: String) async throws -> Topology)? {
        guard MachineProbe.find("aws") != nil else { return nil }
        return { (script: String, template: String) in try await Self.run(script, template: template) }
    }

    static func run(_ script: String, template: String) async throws -> Topology {
        guard let aws = MachineProbe.find("aws") else {
            throw Failure(description: "\(script): the aws command is not on PATH, and nothing else can carry it out")
        }
        let bytes = try InputFile.read(template)
        let topology = try TemplateReader.read([.init(file: template, bytes: bytes)]).topology
        let lab = StillLab.make()
        let controlPlane = ControlPlane(
            lab,
            materials: MaterialsAdapter(certificates: CertificateStore(), buckets: nil),
            now: WallClock.now
        )
        try await controlPlane.adopt(topology)
        let logger = Logger(label: "elblab", factory: { _ in SwiftLogNoOpLogHandler() })
        let (ports, sender) = AsyncStream.makeStream(of: Int.self)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await LabEndpoint(lab, controlPlane, endpoint: nil, logger: logger).run { sender.yield($0) }
            }
            defer { group.cancelAll() }
            var port: Int?
            for await given in ports {
                port = given
                break
            }
            guard let port else { throw Failure(description: "the endpoint for the script does not start") }
            try await Self.run(script, aws: aws, port: port)
            return await controlPlane.topology
        }
    }

    private static func run(_ script: String, aws: String, port: Int) async throws {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        let wrapper = AWSCallRecord.wrapper(
            ["--replay", AWSCallRecord.absolute(script), "--map", "\(scratch.path)/ids", "--program", aws]
        )
        try AWSCallRecord.install(wrapper, in: "\(scratch.path)/bin")
        let settings = StepShell.Settings(
            workingFolder: scratch.path,
            privateFolder: scratch.path,
            programFolder: "\(scratch.path)/bin",
            variables: [
                "AWS_ENDPOINT_URL": "http://127.0.0.1:\(port)",
                "AWS_ACCESS_KEY_ID": SignatureVerifier.Keys.lab.id,
                "AWS_SECRET_ACCESS_KEY": SignatureVerifier.Keys.lab.secret,
                "AWS_REGION": AvailabilityZone.region,
                "AWS_DEFAULT_REGION": AvailabilityZone.region,
                "AWS_PAGER": "",
                "AWS_EC2_METADATA_DISABLED": "true",
                "ELBLAB_ENDPOINT": "127.0.0.1:\(port)",
            ]
        )
        let quoted = AWSCallRecord.quoted(AWSCallRecord.absolute(script))
        let deadline = ContinuousClock.now + Self.limit
        let outcome = try await StepShell.run(settings) { shell in
            try await shell.run("bash -euo pipefail \(quoted)", until: deadline)
        }
        switch outcome {
        case .exited(0, _): return
        case .exited(let code, let output):
            let last = output.filter { !$0.allSatisfy(\.isWhitespace) }.suffix(2).joined(separator: " ")
            throw Failure(description: "\(script): ended with \(code): \(last)")
        case .timedOut: throw Failure(description: "\(script): not done within \(Self.limit)")
        }
    }
}
