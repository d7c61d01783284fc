package import ELBControlAPI
import ELBModel

extension EC2 {
    static let tagOperations: [any AccountCommand.Type] = [CreateTags.self, DeleteTags.self, DescribeTags.self]
}

extension EC2.CreateTags: AccountCommand {
    /// On all resources or on none.
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        for id in self.resources {
            try transaction.retag(id) { tags in
                for tag in self.tags {
                    if let index = tags.firstIndex(where: { $0.key == tag.key }) {
                        tags[index] = tag
                    } else {
                        tags.append(tag)
                    }
                }
            }
        }
        return [:]
    }
}

extension EC2.DeleteTags: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        for id in self.resources {
            try transaction.retag(id) { tags in
                tags.removeAll { tag in
                    self.tags.isEmpty
                        || self.tags.contains { $0.key == tag.key && $0.value.map { $0 == tag.value } ?? true }
                }
            }
        }
        return [:]
    }
}

extension EC2.DescribeTags: AccountCommand {
    package func perform(_ transaction: inout Transaction) throws(APIError) -> WireValue {
        let account = transaction.account
        var found: [WireValue] = []
        func add(_ tags: [ResourceTag], of id: String, _ type: String) throws(APIError) {
            for tag in tags {
                let fields = [
                    "key": [tag.key], "value": [tag.value], "resource-id": [id], "resource-type": [type],
                ]
                if try self.filters.match(fields, tags: [(tag.key, tag.value)]) {
                    found.append(.tag(tag, of: id, type: type))
                }
            }
        }
        for record in account.instances { try add(record.tags, of: record.id, "instance") }
        for record in account.vpcs { try add(record.tags, of: record.id, "vpc") }
        for record in account.subnets { try add(record.tags, of: record.id, "subnet") }
        for record in account.securityGroups { try add(record.tags, of: record.id, "security-group") }
        for record in account.addresses { try add(record.tags, of: record.id, "elastic-ip") }
        return ["Tags": .list(found)]
    }
}

extension Transaction {
    /// AWS's quota.
    private static var mostTags: Int { 50 }

    fileprivate mutating func retag(_ id: String, _ change: (inout [ResourceTag]) -> Void) throws(APIError) {
        if var record = self.account.instances[id] {
            change(&record.tags)
            try Self.check(record.tags)
            self.save(.instance(record))
        } else if var record = self.account.vpcs[id] {
            change(&record.tags)
            try Self.check(record.tags)
            self.save(.vpc(record))
        } else if var record = self.account.subnets[id] {
            change(&record.tags)
            try Self.check(record.tags)
            self.save(.subnet(record))
        } else if var record = self.account.securityGroups[id] {
            change(&record.tags)
            try Self.check(record.tags)
            self.save(.securityGroup(record))
        } else if var record = self.account.addresses[id] {
            change(&record.tags)
            try Self.check(record.tags)
            self.save(.address(record))
        } else {
            throw APIError("InvalidID", "The ID '\(id.prefix(80))' is not valid")
        }
    }

    private static func check(_ tags: [ResourceTag]) throws(APIError) {
        guard tags.count <= Self.mostTags else {
            throw APIError("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
        }
    }
}
