import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Attributes of a listener` {
    @Test(
        .covers("ALB-HMOD-002", "ALB-HMOD-004", "ALB-HMOD-009", "ALB-HMOD-011", "ALB-HMOD-012"),
        arguments: [
            ("routing.http.response.server.enabled", "false", nil),
            ("routing.http.response.server.enabled", "no", .invalidConfigurationRequest),
            ("routing.http.response.x_frame_options.header_value", "banana", nil),
            ("routing.http.response.x_frame_options.header_value", "a\"b", .invalidConfigurationRequest),
            ("routing.http.response.x_frame_options.header_value", "a\r\nb", .invalidConfigurationRequest),
            ("routing.http.response.x_frame_options.header_value", "é", .invalidConfigurationRequest),
            (
                "routing.http.response.content_security_policy.header_value", "_ :;.,\\/'?!(){}[]@<>=-+*#&`|~^%aZ9",
                nil
            ),
            ("routing.http.response.content_security_policy.header_value", String(repeating: "x", count: 1024), nil),
            (
                "routing.http.response.content_security_policy.header_value", String(repeating: "x", count: 1025),
                .invalidConfigurationRequest
            ),
            ("routing.http.response.x_powered_by.header_value", "x", .invalidConfigurationRequest),
            ("routing.http.request.x_amzn_tls_version.header_name", "X-TLS", nil),
            ("routing.http.request.x_amzn_tls_version.header_name", "X TLS", .invalidConfigurationRequest),
            ("routing.http.request.x_amzn_tls_version.header_name", "Content-Length", .invalidConfigurationRequest),
            ("routing.http.request.x_forwarded_for.header_name", "X", .invalidConfigurationRequest),
        ] as [(String, String, ModelError.Code?)]
    )
    func `have ranges and characters`(key: String, value: String, code: ModelError.Code?) {
        var attributes = ListenerAttributes()
        var thrown: ModelError.Code?
        do throws(ModelError) { try attributes.set(key, to: value) } catch { thrown = error.code }
        #expect(thrown == code)
        if code != nil { #expect(attributes == ListenerAttributes()) }
        if code == nil { #expect(attributes.settings.map(\.key) == [key]) }
    }

    @Test(.covers("ALB-HMOD-004", "ALB-HMOD-009"))
    func `A listener's keys are AWS's`() {
        #expect(ListenerAttributes.keys.count == 19)
        for name in [
            "strict_transport_security", "access_control_allow_origin", "access_control_allow_methods",
            "access_control_allow_headers", "access_control_allow_credentials", "access_control_expose_headers",
            "access_control_max_age", "content_security_policy", "x_content_type_options", "x_frame_options",
        ] {
            #expect(ListenerAttributes.keys.contains("routing.http.response.\(name).header_value"))
        }
        for name in [
            "serial_number", "issuer", "subject", "validity", "leaf",
        ] {
            #expect(ListenerAttributes.keys.contains("routing.http.request.x_amzn_mtls_clientcert_\(name).header_name"))
        }
        for name in ["x_amzn_mtls_clientcert", "x_amzn_tls_version", "x_amzn_tls_cipher_suite"] {
            #expect(ListenerAttributes.keys.contains("routing.http.request.\(name).header_name"))
        }
    }

    @Test(.covers("ALB-HMOD-001", "ALB-HMOD-013"))
    func `Nothing is modified by default, and an empty value goes back to it`() throws {
        var attributes = ListenerAttributes()
        #expect(attributes.settings.isEmpty)
        for key in ListenerAttributes.keys where key.hasPrefix("routing.http.re") && !key.hasSuffix("enabled") {
            try attributes.set(key, to: "x")
            try attributes.set(key, to: "")
        }
        #expect(attributes == ListenerAttributes())
    }

    @Test(.covers("ALB-HMOD-010"))
    func `Headers are renamed on HTTPS listeners only`() throws {
        let group = FixedResponseAction(statusCode: 200)
        var listener = Listener(port: 80, defaultActions: [.fixedResponse(group)])
        #expect(listener.validate().isEmpty)
        try listener.attributes.set("routing.http.request.x_amzn_tls_version.header_name", to: "X-TLS")
        let errors = listener.validate()
        #expect(errors.map(\.code) == [.invalidConfigurationRequest])
        #expect(errors.map(\.property) == ["ListenerAttributes"])
    }
}
