import ELBControlAPI
import ELBModel
import Testing

/// What `Metadata.elblab` says of a backend.
@Suite struct `Backends in templates` {
    private static func read(_ metadata: String) throws(DiagnosticsError) -> BackendBehaviour? {
        // It is in no target group, so it says itself where it listens.
        let metadata =
            metadata.contains("Ports:")
            ? metadata : metadata.replacing("{", with: "{ Ports: [8080], ", maxReplacements: 1)
        let text = """
            Resources:
              WebA:
                Type: AWS::EC2::Instance
                Metadata:
                  elblab: \(metadata)
                Properties: { AvailabilityZone: ap-northeast-2a }
            """
        let source = TemplateReader.Source(file: "t.yaml", bytes: Array(text.utf8))
        return try TemplateReader.read([source]).topology.instances.first?.behaviour
    }

    @Test(
        arguments: [
            ("{}", .http, false), ("{ Protocol: https }", .http, true), ("{ Protocol: ws }", .ws, false),
            ("{ Protocol: h2, TLS: {} }", .h2, true),
            ("{ TLS: { Certificate: expired }, Protocol: grpc }", .grpc, true),
        ] as [(String, BackendProtocol, Bool)]
    )
    func `speak what they are told to`(metadata: String, spoken: BackendProtocol, isSecure: Bool) throws {
        let behaviour = try #require(try Self.read(metadata))
        #expect(behaviour.speaks == spoken)
        #expect((behaviour.tls != nil) == isSecure)
    }

    @Test func `take every setting of TLS, and statuses of gRPC`() throws {
        let metadata = """
            { Protocol: grpc, GRPCStatuses: { /shop.Cart/Add: 5 }, \
            TLS: { Certificate: wrong-name, MinimumVersion: 1.0, MaximumVersion: 1.1, Flaw: silent } }
            """
        let behaviour = try #require(try Self.read(metadata))
        #expect(behaviour.grpcStatuses == ["/shop.Cart/Add": 5])
        #expect(behaviour.tls?.certificate == .wrongName)
        #expect(behaviour.tls?.minimumVersion == .v1_0)
        #expect(behaviour.tls?.maximumVersion == .v1_1)
        #expect(behaviour.tls?.flaw == .silent)
    }

    @Test(arguments: [
        ("{ Protocol: spdy }", "'Protocol' of Metadata.elblab cannot be 'spdy'"),
        ("{ TLS: { Certificate: stolen } }", "'Certificate' of Metadata.elblab.TLS cannot be 'stolen'"),
        ("{ TLS: { MinimumVersion: 1.3, MaximumVersion: 1.2 } }", "TLS 1.3 is above TLS 1.2"),
        ("{ Protocol: grpc, Status: 503 }", "a gRPC backend has gRPC statuses in place of a status"),
        ("{ GRPCStatuses: { /a.B/C: 1 } }", "only a gRPC backend has gRPC statuses"),
        ("{ Protocol: grpc, GRPCStatuses: { /a.B/C: 100 } }", "must be 0 to 99, not 100"),
        ("{ Protocol: grpc, GRPCStatuses: { a.B/C: 1 } }", "'a.B/C' is not a gRPC method"),
    ])
    func `are refused with the reason`(metadata: String, words: String) {
        let error = #expect(throws: DiagnosticsError.self) { try Self.read(metadata) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test func `play identity providers`() throws {
        let metadata = """
            { Protocol: oidc, TLS: {}, Ports: [8443], IdentityProvider: { Issuer: "https://idp.example.com", \
            Domains: [IDP.example.com, shop], CallbackURLs: [https://a.example.com/oauth2/idpresponse], \
            Clients: { shop: secret } } }
            """
        let provider = try #require(try Self.read(metadata)?.identityProvider)
        #expect(provider.issuer == "https://idp.example.com")
        #expect(provider.hostNames == ["idp.example.com", "shop.auth.ap-northeast-2.amazoncognito.com"])
        #expect(provider.clients == ["shop": "secret"])
        #expect(throws: DiagnosticsError.self) { try Self.read("{ Ports: [80], IdentityProvider: {} }") }
        #expect(throws: DiagnosticsError.self) {
            try Self.read(
                "{ Protocol: oidc, Ports: [80], IdentityProvider: { CallbackURLs: [https://A/oauth2/idpresponse] } }"
            )
        }
    }
}
