import ELBControlAPI
import ELBControlPlane
import ELBTestSupport
import FoundationEssentials
import Testing

@Suite struct `The table of operations` {
    @Test func `is what docs/aws-endpoint.md shows`() throws {
        let levels = #filePath.split(separator: "/").dropLast(4)
        let path = "/" + levels.joined(separator: "/") + "/docs/aws-endpoint.md"
        let page = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        let heading = "\n## Operations\n\n"
        let start = try #require(page.firstRange(of: heading))
        #expect(
            String(page[start.upperBound...]) == OperationList.markdown,
            "paste the output of elblab dev operations"
        )
    }

    @Test func `names what AWS's models have`() {
        for command in OperationTable.commands {
            #expect(command.operation.service.model.operations[command.operation.name] != nil, "\(command.operation)")
        }
    }
}
