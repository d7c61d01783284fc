import ELBConformance
import ELBControlPlane
import ELBModel
import FoundationEssentials

/// Asks a running lab at its endpoint.
struct LabClient {
    let endpoint: Endpoint
    private let curl = CurlClient(parallelism: 1)

    init(_ endpoint: Endpoint) {
        self.endpoint = endpoint
    }

    func state() async throws -> LabState {
        let response = try await self.perform(CurlRequest("GET", "http://\(self.endpoint)/_lab/state"))
        return try self.decode(LabState.self, response)
    }

    func metrics() async throws -> LabMetrics {
        let response = try await self.perform(CurlRequest("GET", "http://\(self.endpoint)/_lab/metrics"))
        return try self.decode(LabMetrics.self, response)
    }

    /// Cuts nodes' power or brings it back.
    func perform(_ fault: NodeFault) async throws -> NodeFaultReply {
        let response = try await self.perform(
            CurlRequest(
                "POST",
                "http://\(self.endpoint)/_lab/nodes",
                headers: [CurlHeader("Content-Type", "application/json")],
                body: .bytes(Array(try JSONEncoder().encode(fault)))
            )
        )
        return try self.decode(NodeFaultReply.self, response)
    }

    func trace(_ request: TraceRequest) async throws -> TraceReport {
        let body = try JSONEncoder().encode(request)
        let response = try await self.perform(
            CurlRequest(
                "POST",
                "http://\(self.endpoint)/_lab/trace",
                headers: [CurlHeader("Content-Type", "application/json")],
                body: .bytes(Array(body))
            )
        )
        return try self.decode(TraceReport.self, response)
    }

    private func perform(_ request: CurlRequest) async throws -> CurlResponse {
        switch await self.curl.perform(request) {
        case .success(let response): return response
        case .failure(let failure) where failure.kind == .connectionRefused:
            throw CommandFailure(
                "no lab answers at \(self.endpoint)",
                fix: "start one with 'elblab up TEMPLATE', or name another with --endpoint"
            )
        case .failure(let failure):
            throw CommandFailure("the lab at \(self.endpoint) does not answer as it should: \(failure.message)")
        }
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ response: CurlResponse) throws -> Value {
        if let value = try? JSONDecoder().decode(type, from: Data(response.body)), response.status == 200 {
            return value
        }
        if let refusal = try? JSONDecoder().decode([String: String].self, from: Data(response.body)),
            let reason = refusal["error"]
        {
            throw CommandFailure(reason, status: .usage)
        }
        throw CommandFailure(
            "what answers at \(self.endpoint) is not a lab (status \(response.status))",
            fix: "name the lab's endpoint with --endpoint"
        )
    }
}
