import Glibc

// A load balancer made of parts. A client's request takes this way, and each step is a file of its own:
//
//     secure (TLS) -> wire (read) -> rules (which action) -> headers (what the target is told)
//         -> sticky (which target of the group; turns and health) -> exchange (ask it, and pass its answer on)
//
// `changes` takes a new configuration while all this goes on.

/// A configuration in force. It is never changed: a new configuration is a new state.
final class State {
    let config: Config
    let scale: Double
    let attributes: [String: String]
    /// How many of our seconds a connection may be silent.
    let idle: Double
    let listeners: [UInt16: Listener]
    let groups: [String: Group]
    let contexts: [UInt16: SecureContext]

    /// - Parameter known: by group, targets that go on.
    init(_ config: Config, known: [String: [Target]] = [:]) throws {
        self.config = config
        let scale = Double(config.timeScale)
        self.scale = scale
        self.attributes = (config.loadBalancerAttributes ?? []).byKey
        self.idle = Double(self.attributes["idle_timeout.timeout_seconds"] ?? "60")! / scale
        self.listeners = Dictionary(config.listeners.map { ($0.port, $0) }) { $1 }
        let groups = config.targetGroups.map { ($0.name, Group($0, scale: scale, known: known[$0.name] ?? [])) }
        self.groups = Dictionary(groups) { $1 }
        let secure = config.listeners.filter { $0.protocol == "HTTPS" }
        let contexts = try secure.map { ($0.port, try SecureContext($0, material: config.certificates ?? [])) }
        self.contexts = Dictionary(contexts) { $1 }
    }
}

final class Balancer {
    let path: String
    private let lock = Lock()
    private var current: State
    private var servers: [String: Int32] = [:]

    init(_ path: String) throws {
        self.path = path
        self.current = try State(Config(file: path))
        try self.openPorts()
    }

    var state: State {
        get { self.lock { self.current } }
        set { self.lock { self.current = newValue } }
    }

    /// Listens where the state says and no longer where it does not.
    func openPorts() throws {
        let state = self.state
        var wanted: [String: (String, UInt16)] = [:]
        for node in state.config.nodes {
            for port in state.listeners.keys { wanted["\(node.address):\(port)"] = (node.address, port) }
        }
        for (place, server) in self.servers where wanted[place] == nil {
            // A thread waits in accept; shutting down wakes it.
            shutdown(server, Int32(SHUT_RDWR))
            self.servers[place] = nil
        }
        for (place, (address, port)) in wanted where self.servers[place] == nil {
            let server = try Self.listen(on: address, port)
            self.servers[place] = server
            detach { self.accept(server, port) }
        }
    }

    private static func listen(on address: String, _ port: UInt16) throws -> Int32 {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var place = try socketAddress(address, port)
        let result = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0, Glibc.listen(server, 512) == 0 else { fatalError("\(address):\(port) cannot be bound") }
        return server
    }

    private func accept(_ server: Int32, _ port: UInt16) {
        while true {
            var peer = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let descriptor = withUnsafeMutablePointer(to: &peer) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.accept(server, $0, &size) }
            }
            guard descriptor >= 0 else {
                if errno == ECONNABORTED || errno == EINTR { continue }
                close(server)
                return
            }
            var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
            inet_ntop(AF_INET, &peer.sin_addr, &text, socklen_t(text.count))
            let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let peerPort = UInt16(bigEndian: peer.sin_port)
            detach { self.serve(descriptor, address, peerPort, port) }
        }
    }

    /// One client's connection: request after request until one side ends it.
    private func serve(_ descriptor: Int32, _ address: String, _ peerPort: UInt16, _ port: UInt16) {
        do {
            let context = self.state.contexts[port]
            let connection = try context?.accept(descriptor) ?? Connection(descriptor)
            let client = Client(connection: connection, address: address, port: peerPort, isSecure: context != nil)
            defer { connection.close() }
            while let request = try Message(from: connection) {
                // The state of this moment serves the whole request, whatever changes meanwhile.
                guard try self.respond(self.state, request, client, port) else { return }
            }
        } catch {
            // The client is gone, or does not speak HTTP.
        }
    }

    /// Answers one request; false when the client's connection must end.
    private func respond(_ state: State, _ request: Message, _ client: Client, _ port: UInt16) throws -> Bool {
        var request = request
        if request.first("Expect")?.lowercased() == "100-continue" {
            // Whoever asks waits for leave to send the body; the balancer gives it, and the target is not asked.
            try client.connection.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            request.fields.removeAll { $0.name.lowercased() == "expect" }
        }
        guard let listener = state.listeners[port] else { return false }
        let action = chooseAction(listener, request, client)
        if action.type == "forward", let group = state.groups[groupName(of: action)] {
            return try self.forward(state, group, request, client, listener)
        }
        try discardBody(of: request, from: client.connection)
        let (status, text, fields) = ownAnswer(action, listener, request)
        try client.answer(status, text, fields: fields, headOnly: request.start[0] == "HEAD")
        return !request.closes
    }

    private func forward(
        _ state: State,
        _ group: Group,
        _ request: Message,
        _ client: Client,
        _ listener: Listener
    ) throws -> Bool {
        switch targetFields(request, client, listener, state.attributes) {
        case .refuse(let status): return try self.refuse(request, client, status)
        case .fields(let fields):
            let (target, cookies) = chooseTarget(group, request)
            guard let target else { return try self.refuse(request, client, 503) }
            let goesOn = try exchange(request, fields, client, target, cookies, idle: state.idle)
            return goesOn && !request.closes
        }
    }

    private func refuse(_ request: Message, _ client: Client, _ status: Int) throws -> Bool {
        try discardBody(of: request, from: client.connection)
        try client.answer(status, headOnly: request.start[0] == "HEAD")
        return !request.closes
    }
}

/// What is to become of a request before it is forwarded.
enum Forwarding {
    case fields([Message.Field])
    case refuse(Int)
}

@main struct Program {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard let option = arguments.firstIndex(of: "--config"), option + 1 < arguments.count else {
            fatalError("usage: balancer --config FILE")
        }
        signal(SIGPIPE, SIG_IGN)
        // Threads inherit the mask, so these two wait for us.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGHUP)
        sigaddset(&signals, SIGTERM)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let balancer = try Balancer(arguments[option + 1])
        while true {
            var signal: Int32 = 0
            sigwait(&signals, &signal)
            if signal == SIGTERM { exit(0) }
            if let config = try? Config(file: balancer.path) { try takeOver(balancer, config) }
        }
    }
}
