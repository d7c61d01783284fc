internal import FoundationEssentials
internal import Glibc

/// The processes that a shell and all it started make up together, until one of them leaves for a group of its own.
struct ProcessGroup: Sendable {
    let leader: pid_t

    /// Asks all of them to end, waits until they have, and ends by force who has not within the limit. An `elblab up` among them
    /// puts its own children to rest meanwhile.
    ///
    /// A cancelled task's sleeps end at once, so the waiting is a task of its own: cancelled or not, the group gets its time.
    func end(within limit: Duration) async {
        await Task {
            kill(-self.leader, SIGTERM)
            let deadline = ContinuousClock.now + limit
            while self.isAlive, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
            kill(-self.leader, SIGKILL)
        }.value
    }

    /// Whether any of them runs. One that has ended and waits for its parent to notice does not.
    private var isAlive: Bool {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.contains { name in
            guard name.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let bytes = FileManager.default.contents(atPath: "/proc/\(name)/stat")
            else { return false }
            // "4711 (a name, perhaps with blanks) S parent group …"
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.lastIndex(of: ")") else { return false }
            let fields = text[text.index(after: end)...].split(separator: " ", maxSplits: 3)
            return fields.count > 2 && fields[0] != "Z" && pid_t(fields[2]) == self.leader
        }
    }
}
