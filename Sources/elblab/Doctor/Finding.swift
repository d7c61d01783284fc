/// One fact about this machine, and what it means for the lab.
struct Finding: Encodable, Sendable {
    enum State: String, Encodable, Sendable {
        /// As the lab wants it.
        case ok
        /// The lab works; something in it does not. `cost` says what.
        case limited
        /// The lab cannot work here. `cost` says why.
        case broken
    }

    enum Area: String, Encodable, Sendable, CaseIterable {
        case addresses
        case ports
        case limits
        case isolation
        case libcurl
        case programs
    }

    let area: Area
    /// What was looked at, such as `127.10.1.64` or `haproxy`.
    let name: String
    let state: State
    /// What was found, such as a path or a number.
    let found: String
    /// What is lost, and what to do; nil when all is well.
    let cost: String?

    static func ok(_ area: Area, _ name: String, _ found: String) -> Finding {
        Finding(area: area, name: name, state: .ok, found: found, cost: nil)
    }

    static func limited(_ area: Area, _ name: String, _ found: String, cost: String) -> Finding {
        Finding(area: area, name: name, state: .limited, found: found, cost: cost)
    }

    static func broken(_ area: Area, _ name: String, _ found: String, cost: String) -> Finding {
        Finding(area: area, name: name, state: .broken, found: found, cost: cost)
    }
}
