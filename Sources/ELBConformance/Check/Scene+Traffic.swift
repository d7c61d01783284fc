package import ELBFleet
package import ELBModel
internal import Synchronization

/// One request of the client and all that came of it on both sides of the subject.
package struct Exchange: Sendable {
    package var request: CurlRequest
    package var outcome: CurlOutcome
    /// What the backends read of it, in any group; empty when it reached none.
    package var hits: [Hit]

    /// A backend's record of the request.
    package struct Hit: Sendable {
        package var backend: Backend
        package var record: RequestRecord
    }
}

extension Scene {
    /// A URL of the listener with a fresh request id in the query. A path with a query keeps it in front.
    package func url(_ listener: Endpoint, _ path: String) -> (url: String, id: String) {
        let id = self.nextID()
        return ("http://\(listener)\(path)\(path.contains("?") ? "&" : "?")elb-id=\(id)", id)
    }

    /// A fresh request id: no other request of this run or another has it.
    package func nextID() -> String {
        let number = self.state.withLock { state in
            state.requestCount += 1
            return state.requestCount
        }
        return "\(self.token)-\(number)"
    }

    /// Sends a request with an id and finds out which backends read it.
    package func send(
        _ method: String = "GET",
        _ path: String,
        to listener: Endpoint,
        headers: [CurlHeader] = [],
        configure: (inout CurlRequest) -> Void = { _ in }
    ) async -> Exchange {
        let (url, id) = self.url(listener, path)
        var request = CurlRequest(method, url, headers: headers, timeout: .seconds(12))
        configure(&request)
        let outcome = await self.stage.curl.perform(request)
        return Exchange(request: request, outcome: outcome, hits: await self.hits(id))
    }

    /// Sends requests one after another on one connection of their own.
    package func sendInOrder(_ paths: [String], to listener: Endpoint) async -> [Exchange] {
        let tagged = paths.map { self.url(listener, $0) }
        let requests = tagged.map { CurlRequest("GET", $0.url, timeout: .seconds(12)) }
        let outcomes = await self.stage.curl.performInOrder(requests)
        var exchanges: [Exchange] = []
        for (index, outcome) in outcomes.enumerated() {
            let hits = await self.hits(tagged[index].id)
            exchanges.append(Exchange(request: requests[index], outcome: outcome, hits: hits))
        }
        return exchanges
    }

    /// Sends `count` requests, several at once. Nothing is looked up: the caller counts records.
    package func sendMany(
        _ count: Int,
        _ path: String,
        to listener: Endpoint,
        atOnce: Int = 4,
        configure: (inout CurlRequest) -> Void = { _ in }
    ) async -> [CurlOutcome] {
        let requests = (0..<count).map { _ in
            var request = CurlRequest("GET", self.url(listener, path).url, timeout: .seconds(12))
            configure(&request)
            return request
        }
        return await self.stage.curl.perform(requests, atOnce: atOnce)
    }

    /// Sends bytes of any kind and receives `answers` answers, or until the other side ends the connection.
    package func sendRaw(
        _ text: String,
        to listener: Endpoint,
        methods: [String] = ["GET"],
        answers: Int = 1,
        within limit: Duration = .seconds(10)
    ) async -> RawClient.Outcome {
        await self.stage.raw.send(Array(text.utf8), to: listener, methods: methods, answers: answers, within: limit)
    }

    /// Runs a script on a raw connection.
    package func onRawConnection(
        to listener: Endpoint,
        from source: IPAddress? = nil,
        script: @escaping @Sendable (RawConnection) -> Void
    ) async -> RawClient.Outcome {
        await self.stage.raw.run(to: listener, from: source, script: script)
    }

    /// What the scene's backends read of the request with that id, wherever in the head the id stands.
    package func hits(_ id: String) async -> [Exchange.Hit] {
        var hits: [Exchange.Hit] = []
        let needle = Array(id.utf8)
        for backend in self.backends {
            for record in await backend.records() where record.kind == .traffic && record.mentions(needle) {
                hits.append(Exchange.Hit(backend: backend, record: record))
            }
        }
        return hits
    }

    /// Ends the check as uncertain when a request that a target was told to hold was over before the last of the others came: where they
    /// went says nothing then.
    package func expectHeld(in group: SceneGroup) async throws {
        var records: [RequestRecord] = []
        for backend in group.backends { records += await backend.records().filter { $0.kind == .traffic } }
        guard let held = records.first(where: { $0.target.contains("elb-delay=") }), let over = held.settledNanoseconds,
            records.contains(where: { $0.monotonicNanoseconds > over })
        else { return }
        throw Problem.uncertain("the machine stalled: the request that was held was over before the others had come")
    }

    /// How many requests of clients each backend of the group has read.
    package func trafficCounts(_ group: SceneGroup) async -> [Int] {
        var counts: [Int] = []
        for backend in group.backends { counts.append(await backend.status().requests) }
        return counts
    }
}

extension RequestRecord {
    /// Whether the id stands in the head, and is not just the beginning of a longer one.
    fileprivate func mentions(_ id: [UInt8]) -> Bool {
        if Self.mentions(self.rawHead.bytes, id) { return true }
        // A function's client is quoted in the event.
        return self.target.hasPrefix("/2015-03-31/functions/") && Self.mentions(self.body.bytes, id)
    }

    private static func mentions(_ bytes: [UInt8], _ id: [UInt8]) -> Bool {
        var rest = bytes[...]
        while let found = rest.firstRange(of: id) {
            rest = rest[found.upperBound...]
            guard let next = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next) else { return true }
        }
        return false
    }
}
