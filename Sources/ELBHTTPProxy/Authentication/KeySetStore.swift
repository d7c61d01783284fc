import ELBCore
import ELBModel
import ELBNet

/// The issuers' keys as one node knows them. AWS does not say how long keys are kept (ALB-JWT-015); here five minutes, and not at
/// all when a token names a key that is not among them, for issuers change their keys.
final class KeySetStore {
    private struct Entry {
        var keys: KeySet
        var fetchedAt: UInt64
    }

    private let providers: ProviderClient
    private let lifetime: UInt64
    /// Whoever sends tokens with made-up keys must not make us ask the issuer each time.
    private let shortestInterval: UInt64
    private var entries: [WebURL: Entry] = [:]
    private var waiters: [WebURL: [(KeySet.Reading) -> Void]] = [:]
    private let now: () -> UInt64

    /// Seconds that keys are believed in.
    static let lifetimeSeconds = 300
    /// Seconds between two questions because of an unknown key.
    static let shortestIntervalSeconds = 10

    init(providers: ProviderClient, timeScale: TimeScale, now: @escaping () -> UInt64) {
        self.providers = providers
        self.lifetime = timeScale.nanoseconds(seconds: Self.lifetimeSeconds)
        self.shortestInterval = timeScale.nanoseconds(seconds: Self.shortestIntervalSeconds)
        self.now = now
    }

    /// The keys, if they are young enough and worth looking into; otherwise they must be fetched.
    func known(_ endpoint: WebURL, keyID: String?, now: UInt64) -> KeySet? {
        guard let entry = self.entries[endpoint] else { return nil }
        let age = now &- entry.fetchedAt
        guard age < self.lifetime else { return nil }
        return entry.keys.hasKey(keyID) || age < self.shortestInterval ? entry.keys : nil
    }

    /// Asks the endpoint, once for everybody who wants to know. Failures are not remembered.
    func fetch(by check: CompiledTokenCheck, completion: @escaping (KeySet.Reading) -> Void) {
        let endpoint = check.jwksEndpoint
        self.waiters[endpoint, default: []].append(completion)
        guard self.waiters[endpoint]?.count == 1 else { return }
        self.providers.ask(check.keyRequest) { [weak self] answer in
            guard let self else { return }
            let reading = check.readKeys(answer)
            switch reading {
            case .keys(let keys): self.entries[endpoint] = Entry(keys: keys, fetchedAt: self.now())
            case .refuse: self.entries[endpoint] = nil
            }
            for waiter in self.waiters.removeValue(forKey: endpoint) ?? [] { waiter(reading) }
        }
    }

    /// Forgets keys that no rule asks for any more.
    func keep(_ endpoints: Set<WebURL>) {
        self.entries = self.entries.filter { endpoints.contains($0.key) }
    }
}
