extension ELBv2 {
    /// One `{Key, Value}` of a Modify call.
    package struct AttributeSetting: Hashable, Sendable {
        package var key: String
        package var value: String

        static func list(_ input: inout CommandInput) throws(APIError) -> [Self] {
            var settings: [Self] = []
            for var element in input.structures("Attributes") ?? [] {
                let key = try element.required("Key")
                guard !settings.contains(where: { $0.key == key }) else {
                    throw .validation("The attribute '\(key.prefix(80))' is given twice")
                }
                settings.append(Self(key: key, value: element.text("Value") ?? ""))
                try element.finish()
            }
            guard !settings.isEmpty else { throw .validation("At least one attribute must be specified") }
            return settings
        }
    }

    package struct DescribeLoadBalancerAttributes: ELBv2Command {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("LoadBalancerArn")
        }
    }

    /// What is not given stays.
    package struct ModifyLoadBalancerAttributes: ELBv2Command {
        package var arn: String
        package var settings: [AttributeSetting]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("LoadBalancerArn")
            self.settings = try AttributeSetting.list(&input)
        }
    }

    package struct DescribeTargetGroupAttributes: ELBv2Command {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TargetGroupArn")
        }
    }

    /// What is not given stays.
    package struct ModifyTargetGroupAttributes: ELBv2Command {
        package var arn: String
        package var settings: [AttributeSetting]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("TargetGroupArn")
            self.settings = try AttributeSetting.list(&input)
        }
    }

    package struct DescribeListenerAttributes: ELBv2Command {
        package var arn: String

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("ListenerArn")
        }
    }

    /// What is not given stays.
    package struct ModifyListenerAttributes: ELBv2Command {
        package var arn: String
        package var settings: [AttributeSetting]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.arn = try input.required("ListenerArn")
            self.settings = try AttributeSetting.list(&input)
        }
    }
}

extension WireValue {
    package static func attributes(_ values: [(key: String, value: String)]) -> Self {
        ["Attributes": .list(values.map { ["Key": .text($0.key), "Value": .text($0.value)] })]
    }
}
