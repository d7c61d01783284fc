import ELBConformance
import FoundationEssentials
import Glibc
import Subprocess

/// Looks at limits, isolation, libcurl and the programs that lessons and benchmarks call.
enum MachineProbe {
    /// A proxied connection takes two descriptors: 10,000 idle clients and their upstreams need some 21,000.
    static func limits() -> [Finding] {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return [] }
        let wanted: rlim_t = 21_000
        let found = "\(limit.rlim_cur) now, \(limit.rlim_max) allowed"
        guard limit.rlim_cur < wanted else { return [.ok(.limits, "open files", found)] }
        let remedy = limit.rlim_max >= wanted ? "`ulimit -n \(wanted)` lifts it" : "an administrator can lift it"
        let clients = max(0, (Int(limit.rlim_cur) - 100) / 2)
        return [.limited(.limits, "open files", found, cost: "some \(clients) clients at once at most; \(remedy)")]
    }

    /// Network namespaces without privileges are what can keep a program under test away from the rest of the machine.
    static func isolation() async -> [Finding] {
        let tried = try? await Subprocess.run(
            .name("unshare"),
            arguments: ["--user", "--map-root-user", "--net", "true"],
            output: .discarded
        )
        if case .exited(0) = tried?.terminationStatus {
            return [.ok(.isolation, "network namespaces", "possible without privileges")]
        }
        let cost = "programs under test cannot be cut off from the machine's network; nothing else changes"
        return [.limited(.isolation, "network namespaces", "not possible here", cost: cost)]
    }

    static func libcurl() -> [Finding] {
        let features = CurlLibrary.features
        let found = "\(CurlLibrary.version), with " + features.map(\.rawValue).joined(separator: ", ")
        let missing = [CurlLibrary.Feature.ipv6, .tls, .http2].filter { !features.contains($0) }
        guard !missing.isEmpty else { return [.ok(.libcurl, "libcurl", found)] }
        let names = missing.map(\.rawValue).joined(separator: ", ")
        return [.limited(.libcurl, "libcurl", found, cost: "no client of ours can speak \(names)")]
    }

    /// Programs of others; each is needed by something, none by everything.
    static func programs() -> [Finding] {
        let wanted: [(name: String, cost: String)] = [
            ("curl", "the steps of the lessons call it; `elblab` itself does not"),
            ("haproxy", "`elblab-bench http` leaves its column out"),
            ("nginx", "`elblab-bench http` leaves its column out"),
            ("wrk", "`elblab-bench http` sends its load by a client of its own"),
            ("python3", "programs under test that are written in Python cannot run"),
            ("aws", "the lab cannot be filled by AWS's command line (pip install awscli)"),
            ("dig", "names cannot be looked at by hand (apt-get install dnsutils)"),
            ("openssl", "TLS cannot be looked at by hand"),
        ]
        return wanted.map { program in
            if let path = Self.find(program.name) { return .ok(.programs, program.name, path) }
            return .limited(.programs, program.name, "not found", cost: program.cost)
        }
    }

    /// The first executable file of that name on the search path; daemons live in folders that users' paths leave out.
    ///
    /// - Parameter ignored: a folder that does not count.
    static func find(_ name: String, besides ignored: String? = nil) -> String? {
        let path = Environment.value("PATH") ?? "/usr/bin:/bin"
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/sbin"]
        return folders.lazy.filter { $0 != ignored }.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
    }
}
