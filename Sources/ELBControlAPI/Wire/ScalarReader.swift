import ELBModel
import FoundationEssentials

/// Reads one number, boolean, time or text as a request writes it.
enum ScalarReader {
    static func scalar(
        _ text: String,
        _ type: ServiceModel.Shape.Kind,
        _ path: String
    ) throws(APIError) -> WireValue {
        switch type {
        case .integer, .long:
            guard text.utf8.count <= 19, let number = Int(text), type == .long || Int32(exactly: number) != nil else {
                throw Self.illTyped(text, path, "an integer")
            }
            return .integer(number)
        case .float, .double:
            guard text.utf8.count <= 40, let number = Double(text), number.isFinite else {
                throw Self.illTyped(text, path, "a number")
            }
            return .decimal(number)
        case .boolean:
            switch text {
            case "true", "True": return .boolean(true)
            case "false", "False": return .boolean(false)
            default: throw Self.illTyped(text, path, "a boolean")
            }
        case .timestamp:
            guard let time = Self.timestamp(text) else { throw Self.illTyped(text, path, "a timestamp") }
            return .timestamp(time)
        case .blob:
            guard let data = Data(base64Encoded: text) else { throw Self.illTyped(text, path, "base64 text") }
            return .blob(Array(data))
        case .string, .character, .structure, .list, .map:
            return .text(text)
        }
    }

    /// ISO 8601 with or without fractions of a second, or seconds since 1970.
    private static func timestamp(_ text: String) -> Timestamp? {
        if let seconds = Double(text), seconds.magnitude < 1e12 {
            return Timestamp(milliseconds: Int64((seconds * 1000).rounded()))
        }
        let styles = [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
        return styles.lazy.compactMap { try? $0.parse(text) }.first.map {
            Timestamp(milliseconds: Int64(($0.timeIntervalSince1970 * 1000).rounded()))
        }
    }

    static func illTyped(_ text: String, _ path: String, _ type: String) -> APIError {
        .validation("Value '\(text.prefix(80))' at '\(InputValidator.place(path))' is not \(type)")
    }
}
