import FoundationEssentials

/// A run as it stands in a file of `elblab/result/v1`, which `conformance run --out` and `grade` write. Whatever compares runs reads
/// these files, so that runs of other days, machines and people can be compared. Members that a reader can do without may be absent.
package struct ResultFile: Decodable, Hashable, Sendable {
    package var schema: String
    package var subject: Subject
    package var quirks: [String]?
    package var seed: String?
    package var timeScale: Int?
    package var gradable: Bool?
    /// Why the subject could not be judged.
    package var reason: String?
    package var verdict: String
    package var score: Int?
    package var maxScore: Int?
    /// The command that repeats the run.
    package var replay: String?
    package var checks: [CheckResult]

    /// Who was judged.
    package struct Subject: Decodable, Hashable, Sendable {
        package var kind: String
        package var id: String
        package var version: String?
        package var leavesOut: [Omission]?

        /// A feature that the subject does not claim.
        package struct Omission: Decodable, Hashable, Sendable {
            package var feature: String
            package var reason: String
        }

        /// Name and version, as a heading has them.
        package var title: String {
            guard let version = self.version, !version.isEmpty else { return self.id }
            return "\(self.id) \(version)"
        }
    }

    /// One check's outcome.
    package struct CheckResult: Decodable, Hashable, Sendable {
        package var id: String
        package var title: String?
        package var feature: String?
        package var level: String?
        package var rows: [String]?
        package var status: String
        package var ref: String?
        package var reason: String?
        package var note: String?
        package var tried: String?
        package var rule: String?
        package var expected: String?
        package var actual: String?
        package var evidence: [Evidence]?
        package var lookNext: String?

        /// `nil` for a word that this version does not know.
        package var verdict: Verdict? { Verdict(rawValue: self.status) }

        /// Raw exchanges and timelines.
        package struct Evidence: Decodable, Hashable, Sendable {
            package var name: String
            package var text: String
        }
    }

    /// Why a file is none.
    package struct Unreadable: Error, CustomStringConvertible, Sendable {
        package var description: String
    }

    /// Reads a file's text.
    ///
    /// - Parameter name: what to call the file in an error.
    package init(_ bytes: [UInt8], name: String) throws(Unreadable) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw Unreadable(description: "\(name): \(Self.text(of: error))")
        } catch {
            throw Unreadable(description: "\(name): not JSON")
        }
        guard self.schema == "elblab/result/v1" else {
            throw Unreadable(description: "\(name): schema is '\(self.schema)', and this reads elblab/result/v1")
        }
    }

    private static func text(of error: DecodingError) -> String {
        let place = { (path: [any CodingKey]) in
            path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context):
            let path = place(context.codingPath + [key])
            return "no \(path); is it a result of 'elblab conformance run --out'?"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "\(place(context.codingPath)) is of the wrong type"
        case .dataCorrupted: return "not JSON"
        @unknown default: return "cannot be read"
        }
    }
}
