import ELBControlAPI

/// The table of operations in docs/aws-endpoint.md, made from what the program really has.
package enum OperationList {
    /// One table per service, in the order of `Service`. Of the largest services only what the lab has is listed.
    package static var markdown: String {
        Service.allCases.map { service in
            let model = service.model
            let built = Set(OperationTable.commands.map { $0.operation }.filter { $0.service == service }.map(\.name))
            let listed = Self.isListedWhole(service) ? model.operations.keys.sorted() : built.sorted()
            let total = model.operations.count + model.otherOperations.count
            let rows = listed.map { name in
                let operation = OperationName(service, name)
                let mark =
                    built.contains(name) ? "works" : OperationTable.refused.contains(operation) ? "501" : "not yet"
                return "| \(name) | \(mark) |"
            }
            let table = ["| operation | |", "|---|---|"] + rows
            return """
                ### \(service) \(model.metadata.apiVersion)

                \(built.count) of AWS's \(total) operations.

                \(rows.isEmpty ? "" : table.joined(separator: "\n") + "\n")
                """
        }
        .joined(separator: "\n")
    }

    private static func isListedWhole(_ service: Service) -> Bool {
        switch service {
        case .elbv2, .elb, .acm: true
        case .ec2, .cloudFormation, .iam, .sts, .zonalShift: false
        }
    }
}
