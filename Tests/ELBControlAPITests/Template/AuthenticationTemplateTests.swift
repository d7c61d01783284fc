import ELBControlAPI
import ELBModel
import ELBTestSupport
import Testing

@Suite struct `Questions in templates` {
    private static func template(_ actions: String, _ provider: String = "") -> TemplateReader.Source {
        let text = """
            Resources:
              A: { Type: AWS::EC2::Subnet, Properties: { VpcId: vpc-1, CidrBlock: 10.0.0.0/24, AvailabilityZone: ap-northeast-2a } }
              B: { Type: AWS::EC2::Subnet, Properties: { VpcId: vpc-1, CidrBlock: 10.0.1.0/24, AvailabilityZone: ap-northeast-2b } }
              Certificate: { Type: AWS::CertificateManager::Certificate, Properties: { DomainName: a.example.com } }
              Balancer: { Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: { Subnets: [!Ref A, !Ref B] } }
              Listener:
                Type: AWS::ElasticLoadBalancingV2::Listener
                Properties:
                  LoadBalancerArn: !Ref Balancer
                  Port: 8443
                  Protocol: HTTPS
                  Certificates: [{ CertificateArn: !Ref Certificate }]
                  DefaultActions:
                    \(actions)
                    - { Type: fixed-response, Order: 2, FixedResponseConfig: { StatusCode: "200" } }
            \(provider)
            """
        return TemplateReader.Source(file: "t.yaml", bytes: Array(text.utf8))
    }

    private static func question(_ actions: String) throws(DiagnosticsError) -> RuleAction? {
        let topology = try TemplateReader.read([Self.template(actions)]).topology
        return topology.loadBalancers.first?.listeners.first?.defaultActions.first
    }

    private static func errors(_ actions: String) -> [String] {
        do throws(DiagnosticsError) {
            _ = try Self.question(actions)
            return []
        } catch {
            return error.diagnostics.map(\.description)
        }
    }

    private static let oidc = """
        Issuer: https://idp, AuthorizationEndpoint: https://idp/a, TokenEndpoint: https://idp/t, \
        UserInfoEndpoint: https://idp/u, ClientId: c, ClientSecret: s
        """

    @Test(.covers("ALB-AUTH-002", "ALB-AUTH-004", "ALB-LSN-006")) func `reads a login, and its defaults`() throws {
        let action = try Self.question(
            "- { Type: authenticate-oidc, Order: 1, AuthenticateOidcConfig: { \(Self.oidc) } }"
        )
        guard case .authenticateOIDC(let oidc)? = action else {
            Issue.record("\(String(describing: action))")
            return
        }
        #expect(oidc.session == AuthenticationSession())
        #expect(oidc.userInfoEndpoint == "https://idp/u")
        let full = try Self.question(
            """
            - { Type: authenticate-oidc, Order: 1, AuthenticateOidcConfig: { \(Self.oidc), SessionCookieName: N, Scope: a b, \
            SessionTimeout: "60", OnUnauthenticatedRequest: deny, AuthenticationRequestExtraParams: { z: 1, a: 2 } } }
            """
        )
        guard case .authenticateOIDC(let other)? = full else {
            Issue.record("\(String(describing: full))")
            return
        }
        #expect(other.session.timeoutSeconds == 60)
        #expect(other.session.onUnauthenticatedRequest == .deny)
        #expect(other.session.extraParameters.map(\.name) == ["a", "z"])
    }

    @Test(.covers("ALB-AUTH-003", "ALB-JWT-002", "ALB-JWT-006")) func `reads user pools and token validation`() throws {
        let cognito = try Self.question(
            """
            - { Type: authenticate-cognito, Order: 1, AuthenticateCognitoConfig: { UserPoolClientId: c, UserPoolDomain: d, \
            UserPoolArn: "arn:aws:cognito-idp:ap-northeast-2:123456789012:userpool/p" } }
            """
        )
        #expect(cognito?.type == "authenticate-cognito")
        let jwt = try Self.question(
            """
            - { Type: jwt-validation, Order: 1, JwtValidationConfig: { Issuer: i, JwksEndpoint: https://i/k, \
            AdditionalClaims: [{ Name: scope, Format: space-separated-values, Values: [a, b] }] } }
            """
        )
        let claim = JWTValidationAction.AdditionalClaim(
            name: "scope",
            format: .spaceSeparatedValues,
            values: ["a", "b"]
        )
        #expect(
            jwt == .jwtValidation(.init(jwksEndpoint: "https://i/k", issuer: "i", additionalClaims: [claim]))
        )
    }

    @Test(.covers("ALB-RULE-015", "ALB-RULE-016", "ALB-AUTH-002")) func `says what is wrong, and where`() {
        let missing = Self.errors("- { Type: authenticate-oidc, Order: 1, AuthenticateOidcConfig: { Issuer: i } }")
        #expect(missing.contains { $0.contains("needs 'TokenEndpoint'") })
        let validation = "JwtValidationConfig: { Issuer: i, JwksEndpoint: https://i/k }"
        let unordered = Self.errors("- { Type: jwt-validation, \(validation) }")
        #expect(unordered.count == 1 && unordered[0].contains("must have an Order (ValidationError)"))
        let twice = Self.errors("- { Type: jwt-validation, Order: 2, \(validation) }")
        #expect(twice.count == 1 && twice[0].contains("Two actions have the Order 2"))
        #expect(
            Self.errors("- { Type: jwt-validation, Order: 1 }").first?.contains("needs 'JwtValidationConfig'") == true
        )
    }

    @Test(.covers("ALB-AUTH-012")) func `tells load balancers where the template's providers are`() throws {
        let provider = """
              Idp:
                Type: AWS::EC2::Instance
                Metadata:
                  elblab: { Protocol: oidc, TLS: {}, Ports: [8443], IdentityProvider: { Domains: [idp.example.com] } }
                Properties: { AvailabilityZone: ap-northeast-2a }
            """
        let actions = "- { Type: authenticate-oidc, Order: 1, AuthenticateOidcConfig: { \(Self.oidc) } }"
        let topology = try TemplateReader.read([Self.template(actions, provider)]).topology
        let address = try #require(topology.instances.first?.address)
        #expect(
            topology.loadBalancers.first?.providerNetwork.hosts
                == [.init(name: "idp.example.com", endpoint: Endpoint(address: address, port: 8443))]
        )
    }
}
