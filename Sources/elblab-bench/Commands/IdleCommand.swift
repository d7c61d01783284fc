import ArgumentParser
import Glibc

/// What connections cost that do nothing.
struct IdleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Open many idle client connections and show the balancer's memory.",
        discussion: """
            Each connection has carried one request. Through a Network Load Balancer (--tcp) each has a connection to the target, too.

            Example: elblab-bench idle --tcp --connections 10000
            """
    )

    @Option(help: "Connections to open; each has carried one request.")
    var connections = 10_000

    @Flag(help: "Through a Network Load Balancer.")
    var tcp = false

    func run() throws {
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let folder = try WorkFolder()
        defer { folder.remove() }
        let backend = try FixedBackend.start(.http, in: folder)
        defer { backend.process.stop() }
        let port = try System.freePort()
        guard
            let command = try Rival.elblab.command(
                listen: port,
                traffic: self.tcp ? .tcp : .http1,
                backend: backend.port,
                folder: folder
            )
        else { return }
        let proxy = try ChildProcess(command, output: folder.file("proxy.txt"))
        defer { proxy.stop() }
        try Loopback.waitForListener(port: port, seconds: 10)

        let before = proxy.residentBytes
        var descriptors: [CInt] = []
        defer { for descriptor in descriptors { close(descriptor) } }
        let request = Array("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n".utf8)
        var answer = [UInt8](repeating: 0, count: 4096)
        for number in 0..<self.connections {
            guard let descriptor = Loopback.connect(port: port) else {
                throw ChildProcess.Failure(description: "connection \(number) failed; see ulimit -n")
            }
            descriptors.append(descriptor)
            guard write(descriptor, request, request.count) == request.count,
                read(descriptor, &answer, answer.count) > 0
            else {
                throw ChildProcess.Failure(description: "connection \(number) got no answer")
            }
        }
        let after = proxy.residentBytes
        print("idle connections: \(descriptors.count)")
        print("resident memory:  \(before >> 20) MB before, \(after >> 20) MB after")
        print("per connection:   \((after - before) / max(1, descriptors.count)) bytes")
    }
}
