import ELBFleet
import ELBModel
import Testing

@Suite struct `Protocols in a backend's description` {
    @Test func `travel to a child process and back`() throws {
        var description = BackendDescription(name: "api")
        description.behaviour.speaks = .grpc
        description.behaviour.grpcStatuses = ["/a.B/C": 5]
        var tls = BackendTLS()
        tls.certificate = .expired
        tls.minimumVersion = .v1_0
        tls.maximumVersion = .v1_2
        tls.flaw = .silent
        description.behaviour.tls = tls
        let line = try ControlLines.encode(FleetCommand.launch([description]))
        #expect(try ControlLines.decode(FleetCommand.self, from: line) == .launch([description]))
    }

    @Test func `https is HTTP/1 inside TLS`() throws {
        let json = #"{"name":"web","protocol":"https"}"#
        let description = try ControlLines.decode(BackendDescription.self, from: json.utf8)
        #expect(description.behaviour.speaks == .http)
        #expect(description.behaviour.tls == BackendTLS())
    }

    @Test(arguments: [
        (#"{"name":"web","protocol":"spdy"}"#, "'spdy' is not a protocol of the lab"),
        (#"{"name":"web","tls":{"certificate":"stolen"}}"#, "'stolen' is not a certificate of the lab"),
    ])
    func `are refused by name when the lab has none such`(json: String, words: String) {
        let error = #expect(throws: BackendError.self) {
            try ControlLines.decode(BackendDescription.self, from: json.utf8)
        }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func `what does not fit together is refused`() async {
        var tooHigh = BackendDescription(name: "web")
        tooHigh.behaviour.tls = BackendTLS()
        tooHigh.behaviour.tls?.minimumVersion = .v1_3
        tooHigh.behaviour.tls?.maximumVersion = .v1_2
        var statuses = BackendDescription(name: "web")
        statuses.behaviour.grpcStatuses = ["/a.B/C": 1]
        var webStatus = BackendDescription(name: "api")
        webStatus.behaviour.speaks = .grpc
        webStatus.behaviour.status = 503
        for description in [tooHigh, statuses, webStatus] {
            await #expect(throws: BackendError.self) { try await Backend.start(description) }
        }
    }

    @Test func `a gRPC status is a fault of gRPC backends only`() async throws {
        try await withBackend { backend in
            await #expect(throws: BackendError.self) { try await backend.set(.fail(status: 14)) }
        }
        var description = BackendDescription(name: "api")
        description.behaviour.speaks = .grpc
        try await withBackend(description) { try await $0.set(.fail(status: 14)) }
    }
}
