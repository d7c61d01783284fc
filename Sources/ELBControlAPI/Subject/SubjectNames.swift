package import ELBModel

/// The name server that a subject's configuration file asks for, and the records of hosted zones that it answers besides the load
/// balancer's own names (docs/subject-contract.md).
package struct SubjectNames: Hashable, Sendable {
    /// Where names are answered, by UDP and TCP.
    package var server: Endpoint
    package var recordSets: [RecordSet]

    package init(server: Endpoint, recordSets: [RecordSet] = []) {
        self.server = server
        self.recordSets = recordSets
    }
}

extension SubjectConfigurationReader {
    /// - Returns: `nil` if the file asks for none.
    static func names(_ reader: inout ObjectReader, of dnsName: String?, _ nodes: [LoadBalancer.Node]) -> SubjectNames?
    {
        let targets = Set(RecordSet.targets(of: dnsName ?? "", in: nodes.map(\.zone)))
        let recordSets = (reader.objects("RecordSets", as: "a record set") ?? []).compactMap { source in
            var source = source
            return RecordSetReader.recordSet(&source, targets: targets)
        }
        guard var server = reader.object("NameServer", as: "NameServer") else {
            if !recordSets.isEmpty {
                reader.collector.error(
                    "'RecordSets' without 'NameServer': nobody would answer them",
                    at: reader.value.location(ofProperty: "RecordSets")
                )
            }
            return nil
        }
        server.requires("Address", "Port")
        let address = Self.address("Address", &server)
        let port = server.port("Port")
        server.finish()
        guard let address, let port else { return nil }
        return SubjectNames(server: Endpoint(address: address, port: port), recordSets: recordSets)
    }
}
