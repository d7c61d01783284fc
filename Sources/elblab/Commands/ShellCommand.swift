import ArgumentParser
import ELBControlAPI
import ELBControlPlane
import ELBModel
import Glibc

/// `elblab shell`: a shell in which curl finds the lab's load balancers by name.
struct ShellCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shell",
        abstract: "Open a shell, or run one command, where curl, dig and aws reach the lab.",
        discussion: """
            curl resolves every load balancer's DNS name to its nodes (a private .curlrc, which follows the lab), dig asks \
            the lab's name server, and AWS_ENDPOINT_URL, region and credentials point aws, boto3 and every other AWS SDK \
            at the lab (docs/aws-endpoint.md).

            --record notes every aws call that changes something and has succeeded, with the names that it gave, as a script: \
            the answer of a lesson's cli exercise.

            Examples:
              elblab shell -- curl -s http://web-1234567890.ap-northeast-2.elb.aws.test:8080/
              elblab shell --record elblab-lessons/14-deregistration/b-cli/answer.sh
            """
    )

    @OptionGroup var endpoint: EndpointOption

    @Option(help: ArgumentHelp("Note aws calls that change something at the end of this file.", valueName: "file"))
    var record: String?

    @Argument(parsing: .postTerminator, help: "The command to run in place of a shell.")
    var command: [String] = []

    func run() async throws {
        let endpoint = try self.endpoint.resolved()
        let state = try await LabClient(endpoint).state()
        let folder = try Self.privateFolder()
        defer { Self.remove(folder) }
        let names = CurlNames(path: "\(folder)/.curlrc")
        try names.write(state)
        try Self.writeDig(state, in: folder)
        try self.writeAWS(in: folder)
        let following = Task { await names.follow(LabClient(endpoint)) }
        defer { following.cancel() }
        let shell =
            self.command.isEmpty
            ? try InteractiveShell(Environment.value("SHELL") ?? "/bin/sh", folder: folder) : nil
        if shell != nil { Self.welcome(state) }
        let code = try Self.run(
            shell?.arguments ?? self.command,
            environment: Self.environment(folder, endpoint, and: shell?.variables ?? [:])
        )
        if code != 0 {
            // The command's own exit code is the answer, whatever it is.
            Self.remove(folder)
            ExitStatus.end(code)
        }
    }

    /// A `dig` that asks the lab's name server, where there are both.
    private static func writeDig(_ state: LabState, in folder: String) throws {
        guard let server = state.nameServer?.split(separator: ":"), server.count == 2,
            let dig = MachineProbe.find("dig")
        else { return }
        let path = "\(folder)/bin/dig"
        mkdir("\(folder)/bin", 0o700)
        try TextFile.write("#!/bin/sh\nexec '\(dig)' @\(server[0]) -p \(server[1]) \"$@\"\n", to: path)
        chmod(path, 0o700)
    }

    /// An `aws` that notes what it does.
    private func writeAWS(in folder: String) throws {
        guard let record else { return }
        guard let aws = AWSCallRecord.program else {
            throw CommandFailure("there is no aws command to note calls of", fix: "install it, or leave --record out")
        }
        let options = ["--record", AWSCallRecord.absolute(record), "--program", aws]
        try AWSCallRecord.install(AWSCallRecord.wrapper(options), in: "\(folder)/bin")
    }

    private static func environment(
        _ folder: String,
        _ endpoint: Endpoint,
        and more: [String: String]
    ) -> [String] {
        let usual = [
            "CURL_HOME": folder,
            "PATH": "\(folder)/bin:\(Environment.value("PATH") ?? "/usr/bin:/bin")",
            AWSCallRecord.standInFolder: "\(folder)/bin",
            "ELBLAB_ENDPOINT": "\(endpoint)",
            "AWS_ENDPOINT_URL": "http://\(endpoint)",
            "AWS_ACCESS_KEY_ID": SignatureVerifier.Keys.lab.id,
            "AWS_SECRET_ACCESS_KEY": SignatureVerifier.Keys.lab.secret,
            "AWS_REGION": AvailabilityZone.region,
            "AWS_DEFAULT_REGION": AvailabilityZone.region,
            // Nobody wants to press q after every command of a lesson.
            "AWS_PAGER": "",
            // An address of the cloud's that no machine but theirs has; asking it takes seconds.
            "AWS_EC2_METADATA_DISABLED": "true",
        ]
        let own = usual.merging(more) { $1 }
        var entries: [String] = []
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if own[String(text.prefix { $0 != "=" })] == nil { entries.append(text) }
            next += 1
        }
        return entries + own.map { "\($0.key)=\($0.value)" }
    }

    private static func welcome(_ state: LabState) {
        for loadBalancer in state.loadBalancers {
            for listener in loadBalancer.listeners {
                StandardStream.error.printLine("curl http://\(loadBalancer.dnsName):\(listener.port)/")
            }
        }
        StandardStream.error.printLine("curl, dig and aws reach the lab; exit leaves this shell")
    }

    // MARK: The system

    private static func privateFolder() throws -> String {
        var template = Array("\(Environment.value("TMPDIR") ?? "/tmp")/elblab-shell-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure("cannot make a temporary folder: \(String(cString: strerror(errno)))")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func remove(_ folder: String) {
        for file in [".curlrc", "bashrc", ".zshenv", ".zshrc", "bin/dig", "bin/aws"] { unlink("\(folder)/\(file)") }
        rmdir("\(folder)/bin")
        rmdir(folder)
    }

    /// Runs a program in the foreground and returns its exit code, 128 and the signal's number if one ended it.
    private static func run(_ arguments: [String], environment: [String]) throws -> Int32 {
        // Ctrl-C is the child's business; it gets its own default back.
        signal(SIGINT, SIG_IGN)
        signal(SIGQUIT, SIG_IGN)
        defer {
            signal(SIGINT, SIG_DFL)
            signal(SIGQUIT, SIG_DFL)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGINT)
        sigaddset(&defaults, SIGQUIT)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        // Dispatch's threads, on one of which this may run, block nearly all signals, and a child would never see its SIGTERM.
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = environment.map { strdup($0) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var child: pid_t = 0
        let problem = posix_spawnp(&child, arguments[0], nil, &attributes, &argv, &envp)
        guard problem == 0 else {
            throw CommandFailure("cannot run '\(arguments[0])': \(String(cString: strerror(problem)))", status: .usage)
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }
}
