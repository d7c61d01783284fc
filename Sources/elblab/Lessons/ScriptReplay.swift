import ELBConformance
import ELBControlAPI
import ELBControlPlane
import ELBLessons
import ELBModel
import ELBNet
import Glibc
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
    static var here: Grader.Replay? {
        guard AWSCallRecord.program != nil else { return nil }
        return { (script: String, template: String, sandbox: Sandbox?) in
            try await Self.run(script, template: template, sandbox: sandbox)
        }
    }

    static func run(_ script: String, template: String, sandbox: Sandbox?) async throws -> Topology {
        guard let aws = AWSCallRecord.program else {
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
            if let sandbox {
                try await Self.run(script, aws: aws, port: port, in: sandbox)
            } else {
                try await Self.run(script, aws: aws, port: port)
            }
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
            variables: Self.variables(port: port)
        )
        let quoted = AWSCallRecord.quoted(AWSCallRecord.absolute(script))
        try await Self.run("bash -euo pipefail \(quoted)", of: script, settings)
    }

    /// The same in a sandbox: the script's folder is copied, and its `aws` works on the copy.
    private static func run(_ script: String, aws: String, port: Int, in sandbox: Sandbox) async throws {
        let scratch = try ScratchFolder()
        defer { scratch.remove() }
        let script = AWSCallRecord.absolute(script)
        let parts = script.split(separator: "/")
        let folder = "/" + parts.dropLast().joined(separator: "/")
        let inside = "\(scratch.path)/run/scratch"
        let copy = "\(inside)/submission/\(parts.last ?? "")"
        try AWSCallRecord.install(
            AWSCallRecord.wrapper(["--replay", copy, "--map", "\(inside)/tmp/ids", "--program", aws]),
            in: "\(scratch.path)/bin"
        )
        for path in [scratch.path, "\(scratch.path)/bin", "\(scratch.path)/bin/aws"] { chmod(path, 0o755) }
        mkdir("\(scratch.path)/run", 0o755)
        // The wrapper is this program, which is hidden from everybody else.
        var sandbox = sandbox
        sandbox.hidden.removeAll { ThisProgram.path.hasPrefix("\($0)/") }
        let path = "\(scratch.path)/bin:\(Environment.value("PATH") ?? "/usr/bin:/bin")"
        let words = try sandbox.prepare(
            Sandbox.Program(
                ["bash", "-euo", "pipefail", copy],
                environment: Self.variables(port: port).merging(["PATH": path, "TZ": "UTC"]) { $1 },
                submission: folder,
                readable: ["\(scratch.path)/bin"] + ProgramFiles.ours + ProgramFiles.needed(by: aws)
            ),
            in: "\(scratch.path)/run"
        )
        let settings = StepShell.Settings(
            workingFolder: scratch.path,
            privateFolder: scratch.path,
            programFolder: "\(scratch.path)/bin"
        )
        do {
            try await Self.run(words.map(AWSCallRecord.quoted).joined(separator: " "), of: script, settings)
        } catch let failure as Failure {
            guard let reason = sandbox.report(in: "\(scratch.path)/run")?.ended else { throw failure }
            throw Failure(description: "\(script): was ended: \(reason)")
        }
    }

    private static func variables(port: Int) -> [String: String] {
        [
            "AWS_ENDPOINT_URL": "http://127.0.0.1:\(port)",
            "AWS_ACCESS_KEY_ID": SignatureVerifier.Keys.lab.id,
            "AWS_SECRET_ACCESS_KEY": SignatureVerifier.Keys.lab.secret,
            "AWS_REGION": AvailabilityZone.region,
            "AWS_DEFAULT_REGION": AvailabilityZone.region,
            "AWS_PAGER": "",
            "AWS_EC2_METADATA_DISABLED": "true",
            "ELBLAB_ENDPOINT": "127.0.0.1:\(port)",
        ]
    }

    private static func run(_ command: String, of script: String, _ settings: StepShell.Settings) async throws {
        let deadline = ContinuousClock.now + Self.limit
        let outcome = try await StepShell.run(settings) { shell in try await shell.run(command, until: deadline) }
        switch outcome {
        case .exited(0, _): return
        case .exited(let code, let output):
            let last = output.filter { !$0.allSatisfy(\.isWhitespace) }.suffix(2).joined(separator: " ")
            throw Failure(description: "\(script): ended with \(code): \(last)")
        case .timedOut: throw Failure(description: "\(script): not done within \(Self.limit)")
        }
    }
}
