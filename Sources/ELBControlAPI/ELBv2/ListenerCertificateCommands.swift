package import ELBModel

extension ELBv2 {
    /// Puts certificates into the list that host names are looked up in.
    package struct AddListenerCertificates: ELBv2Command {
        package var listener: String
        package var certificates: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.listener = try input.required("ListenerArn")
            self.certificates = try CertificateList.arns(&input)
        }
    }

    package struct RemoveListenerCertificates: ELBv2Command {
        package var listener: String
        package var certificates: [String]

        package init(_ input: inout CommandInput) throws(APIError) {
            self.listener = try input.required("ListenerArn")
            self.certificates = try CertificateList.arns(&input)
        }
    }

    package struct DescribeListenerCertificates: ELBv2Command {
        package var listener: String
        package var page: Page

        package init(_ input: inout CommandInput) throws(APIError) {
            self.listener = try input.required("ListenerArn")
            self.page = try Page(&input)
        }
    }
}

private enum CertificateList {
    static func arns(_ input: inout CommandInput) throws(APIError) -> [String] {
        var arns: [String] = []
        for var element in input.structures("Certificates") ?? [] {
            let arn = try element.required("CertificateArn")
            guard element.boolean("IsDefault") == nil else {
                throw .validation("You cannot set the isDefault parameter for a certificate")
            }
            try element.finish()
            if !arns.contains(arn) { arns.append(arn) }
        }
        guard !arns.isEmpty else { throw .validation("At least one certificate must be specified") }
        return arns
    }
}

extension WireValue {
    package static func listenerCertificate(_ certificate: Certificate, isDefault: Bool) -> Self {
        ["CertificateArn": .text(certificate.arn.rawValue), "IsDefault": .boolean(isDefault)]
    }
}
