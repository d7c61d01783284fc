import ELBModel

// Names of somebody's own for load balancers (Route 53).
extension TemplateBuilder {
    mutating func addRecordSet(_ resource: TemplateResource) {
        guard var reader = self.open(resource) else { return }
        let targets = self.evaluator.surroundings.balancerNames.union(self.topology.balancerNames)
        guard let record = RecordSetReader.recordSet(&reader, targets: targets) else { return }
        let path = "RecordSets[\(self.offset.recordSets + self.topology.recordSets.count)]"
        self.marks.add(path, file: self.collector.file, reader.value)
        self.topology.recordSets.append(record)
    }
}
