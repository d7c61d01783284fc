import ELBConformance
import ELBFleet
import ELBModel

/// Sends commands to a running lab or fleet.
struct FleetClient {
    let endpoint: Endpoint
    private let curl = CurlClient(parallelism: 1)

    init(_ options: EndpointOption) throws {
        self.endpoint = try options.resolved()
    }

    /// The reply to a command; a refusal becomes the command's end.
    func send(_ command: FleetCommand) async throws -> FleetReply {
        let request = CurlRequest(
            "POST",
            "http://\(self.endpoint)\(FleetEndpoint.path)",
            headers: [CurlHeader("Content-Type", "application/json")],
            body: .bytes(try ControlLines.encode(command)),
            timeout: .seconds(60)
        )
        switch await self.curl.perform(request) {
        case .failure(let failure) where failure.kind == .connectionRefused:
            throw CommandFailure(
                "no lab answers at \(self.endpoint)",
                fix: "start one with 'elblab up' or 'elblab fleet up', or name another with --endpoint"
            )
        case .failure(let failure):
            throw CommandFailure("the lab at \(self.endpoint) does not answer as it should: \(failure.message)")
        case .success(let response):
            return try self.reply(in: response)
        }
    }

    private func reply(in response: CurlResponse) throws -> FleetReply {
        guard let reply = try? ControlLines.decode(FleetReply.self, from: response.body) else {
            throw CommandFailure(
                "what answers at \(self.endpoint) is not a lab (status \(response.status))",
                fix: "name the lab's endpoint with --endpoint"
            )
        }
        if case .refused(let refusal) = reply {
            switch refusal.code {
            case .invalid, .notFound: throw CommandFailure(refusal.message, status: .usage)
            case .cannotListen, .notRunning, .childFailed, .timedOut: throw CommandFailure(refusal.message)
            }
        }
        return reply
    }

    /// Sends a command whose reply is a list of names, and says what was done to whom.
    func tell(_ command: FleetCommand, _ done: String, _ data: JSONOption) async throws {
        let reply = try await self.send(command)
        if data.json {
            StandardStream.output.write(String(decoding: try ControlLines.encode(reply), as: UTF8.self))
            return
        }
        guard case .done(let names) = reply else {
            throw CommandFailure("the lab at \(self.endpoint) answers something else than was asked")
        }
        StandardStream.output.printLine(names.isEmpty ? "no backends" : "\(names.joined(separator: ", ")): \(done)")
    }
}
