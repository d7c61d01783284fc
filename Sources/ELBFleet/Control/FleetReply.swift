/// What a fleet answers to a command.
package enum FleetReply: Codable, Hashable, Sendable {
    case status([BackendStatus])
    /// Done, for the backends of these names.
    case done([String])
    case log([BackendLog])
    /// Nothing was done, or not all of it.
    case refused(FleetRefusal)

    private enum CodingKeys: String, CodingKey {
        case status
        case done
        case log
        case refused
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch container.allKeys.first {
        case .status: self = .status(try container.decode([BackendStatus].self, forKey: .status))
        case .done: self = .done(try container.decode([String].self, forKey: .done))
        case .log: self = .log(try container.decode([BackendLog].self, forKey: .log))
        case .refused: self = .refused(try container.decode(FleetRefusal.self, forKey: .refused))
        case nil:
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "a reply has a key of status, done, log, refused"
                )
            )
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .status(let statuses): try container.encode(statuses, forKey: .status)
        case .done(let names): try container.encode(names, forKey: .done)
        case .log(let logs): try container.encode(logs, forKey: .log)
        case .refused(let refusal): try container.encode(refusal, forKey: .refused)
        }
    }
}

/// Why a command was not carried out.
package struct FleetRefusal: Codable, Hashable, Sendable {
    package var code: BackendError.Code
    /// One line for people.
    package var message: String

    package init(_ error: any Error) {
        let error = error as? BackendError
        self.code = error?.code ?? .childFailed
        self.message = error?.message ?? "the backend failed"
    }

    package init(_ code: BackendError.Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// The records of one backend, oldest first.
package struct BackendLog: Codable, Hashable, Sendable {
    package var name: String
    package var zone: String
    package var page: RecordPage

    package init(name: String, zone: String, page: RecordPage) {
        self.name = name
        self.zone = zone
        self.page = page
    }
}
