import ELBModel

/// Reads the actions of rules and listeners, in CloudFormation's shape.
struct ActionReader {
    /// Finds the group that a `TargetGroupArn` means; reports and returns `nil` if there is none.
    let targetGroup: (Located<String>) -> TargetGroupID?

    /// In their `Order`; those that cannot be read are left out, which the collector knows.
    func actions(_ readers: [ObjectReader]) -> [RuleAction] {
        var actions: [(action: RuleAction, order: Int?)] = []
        var places: [ObjectReader] = []
        for var reader in readers {
            let order = reader.integer("Order")?.value
            if let action = self.action(&reader) {
                actions.append((action, order))
                places.append(reader)
            }
            reader.finish()
        }
        do throws(ModelError) {
            return try RuleAction.sequence(actions)
        } catch {
            let index = error.property.dropFirst().prefix { $0 != "]" }
            let place = places[Int(index) ?? 0]
            place.collector.error(
                "\(error.message) (\(error.code.rawValue))",
                at: place.value.location(ofProperty: "Order")
            )
            return []
        }
    }

    private func action(_ reader: inout ObjectReader) -> RuleAction? {
        reader.requires("Type")
        let shorthand = reader.text("TargetGroupArn")
        let forward = reader.object("ForwardConfig", as: "ForwardConfig")
        let redirect = reader.object("RedirectConfig", as: "RedirectConfig")
        let fixed = reader.object("FixedResponseConfig", as: "FixedResponseConfig")
        let oidc = reader.object("AuthenticateOidcConfig", as: "AuthenticateOidcConfig")
        let cognito = reader.object("AuthenticateCognitoConfig", as: "AuthenticateCognitoConfig")
        let jwt = reader.object("JwtValidationConfig", as: "JwtValidationConfig")
        guard let type = reader.text("Type") else { return nil }
        switch type.value {
        case "authenticate-oidc":
            return Self.configured(oidc, "AuthenticateOidcConfig", of: reader, AuthenticationReader.oidc)
        case "authenticate-cognito":
            return Self.configured(cognito, "AuthenticateCognitoConfig", of: reader, AuthenticationReader.cognito)
        case "jwt-validation":
            return Self.configured(jwt, "JwtValidationConfig", of: reader, AuthenticationReader.jwtValidation)
        case "forward":
            return self.forward(forward, shorthand: shorthand, of: reader)
        case "redirect":
            return Self.configured(redirect, "RedirectConfig", of: reader, Self.redirect)
        case "fixed-response":
            return Self.configured(fixed, "FixedResponseConfig", of: reader, Self.fixedResponse)
        default:
            reader.refuse(type, for: "Type", allowed: Self.types)
            return nil
        }
    }

    private static let types = [
        "authenticate-cognito", "authenticate-oidc", "fixed-response", "forward", "jwt-validation", "redirect",
    ]

    /// The action that the property describes which its type demands.
    private static func configured(
        _ configuration: ObjectReader?,
        _ property: String,
        of action: ObjectReader,
        _ read: (ObjectReader) -> RuleAction?
    ) -> RuleAction? {
        guard let configuration else {
            action.requires(property)
            return nil
        }
        return read(configuration)
    }

    private func forward(
        _ configuration: ObjectReader?,
        shorthand: Located<String>?,
        of action: ObjectReader
    ) -> RuleAction? {
        guard var configuration else {
            guard let shorthand else {
                if action.value["TargetGroupArn"] == nil, action.value["ForwardConfig"] == nil {
                    action.collector.error(
                        "a forward action needs 'TargetGroupArn' or 'ForwardConfig'",
                        at: action.location
                    )
                }
                return nil
            }
            return self.targetGroup(shorthand).map { .forward(ForwardAction(to: $0)) }
        }
        var groups: [ForwardAction.WeightedTargetGroup] = []
        for var reader in configuration.objects("TargetGroups", as: "a target group of ForwardConfig") ?? [] {
            reader.requires("TargetGroupArn")
            // A group without a weight counts as one, so that a single group needs none.
            let weight = reader.integer("Weight")?.value ?? 1
            if let group = reader.text("TargetGroupArn").flatMap(self.targetGroup) {
                groups.append(.init(group, weight: weight))
            }
            reader.finish()
        }
        let stickiness = Self.stickiness(&configuration)
        configuration.requires("TargetGroups")
        configuration.finish()
        if let shorthand, let group = self.targetGroup(shorthand), groups.map(\.targetGroup) != [group] {
            action.collector.error(
                "'TargetGroupArn' and 'ForwardConfig' name different target groups",
                at: shorthand.location,
                suggestion: "leave 'TargetGroupArn' out"
            )
        }
        return .forward(ForwardAction(targetGroups: groups, stickiness: stickiness))
    }

    private static func stickiness(_ configuration: inout ObjectReader) -> ForwardAction.Stickiness {
        guard var reader = configuration.object("TargetGroupStickinessConfig", as: "TargetGroupStickinessConfig") else {
            return .off
        }
        let isEnabled = reader.boolean("Enabled")?.value ?? false
        let seconds = reader.integer("DurationSeconds")?.value
        reader.finish()
        return ForwardAction.Stickiness(isEnabled: isEnabled, durationSeconds: seconds)
    }

    private static func redirect(_ configuration: ObjectReader) -> RuleAction? {
        var reader = configuration
        reader.requires("StatusCode")
        let status = reader.choice("StatusCode", as: RedirectAction.StatusCode.self)
        let action = status.map {
            RedirectAction(
                protocol: reader.text("Protocol")?.value,
                host: reader.text("Host")?.value,
                port: reader.text("Port")?.value,
                path: reader.text("Path")?.value,
                query: reader.text("Query")?.value,
                statusCode: $0
            )
        }
        reader.accepts("Protocol", "Host", "Port", "Path", "Query")
        reader.finish()
        return action.map { .redirect($0) }
    }

    private static func fixedResponse(_ configuration: ObjectReader) -> RuleAction? {
        var reader = configuration
        reader.requires("StatusCode")
        let status = reader.integer("StatusCode")
        let contentType = reader.text("ContentType")
        let body = reader.text("MessageBody")
        reader.finish()
        return status.map {
            .fixedResponse(
                FixedResponseAction(statusCode: $0.value, contentType: contentType?.value, messageBody: body?.value)
            )
        }
    }
}
