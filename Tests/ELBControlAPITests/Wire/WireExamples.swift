import ELBControlAPI
import ELBModel
import FoundationEssentials
import Testing

/// One of botocore's examples, as fixtures/aws-models/examples.py wrote it.
struct WireExample: Decodable, CustomTestStringConvertible {
    var service: String
    var operation: String
    /// The form that botocore's serializer sends.
    var request: String
    var input: Tree
    var output: Tree
    /// XML that botocore's parser has read back to `output`.
    var response: String

    var testDescription: String { "\(self.service) \(self.operation)" }

    static let all: [WireExample] = {
        let levels = #filePath.split(separator: "/").dropLast(4)
        let path = "/" + levels.joined(separator: "/") + "/fixtures/aws-models/examples.json"
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { return [] }
        return (try? JSONDecoder().decode([WireExample].self, from: data)) ?? []
    }()

    /// A typed value as the script writes it: `["t","text"]`, `["s",[["Name",…]…]]`.
    struct Tree: Decodable {
        var value: WireValue

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            switch try container.decode(String.self) {
            case "i": self.value = .integer(try container.decode(Int.self))
            case "d": self.value = .decimal(try container.decode(Double.self))
            case "b": self.value = .boolean(try container.decode(Bool.self))
            case "l": self.value = .list(try container.decode([Tree].self).map(\.value))
            case "s": self.value = .structure(try container.decode([Named].self).map(\.member))
            case "time": self.value = .timestamp(try Self.time(try container.decode(String.self)))
            default: self.value = .text(try container.decode(String.self))
            }
        }

        private static func time(_ text: String) throws -> Timestamp {
            let date = try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)
            return Timestamp(milliseconds: Int64((date.timeIntervalSince1970 * 1000).rounded()))
        }
    }

    private struct Named: Decodable {
        var member: WireValue.Member

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            let name = try container.decode(String.self)
            self.member = .init(name, try container.decode(Tree.self).value)
        }
    }
}
