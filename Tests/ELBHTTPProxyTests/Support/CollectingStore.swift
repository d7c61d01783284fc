import ELBCore
import ELBModel
import ELBNet
import Synchronization

/// Stands where buckets stand, and keeps files in memory.
final class CollectingStore: LogStore {
    private let objects = Mutex<[LogFile.Object]>([])

    func deliver(_ object: LogFile.Object) {
        self.objects.withLock { $0.append(object) }
    }

    func flush() async {}

    /// Buckets and keys, in the order of delivery.
    var keys: [String] { self.objects.withLock { $0.map(\.key) } }

    /// All lines of one log, in the order of delivery.
    func lines(of log: LogKind) -> [String] {
        self.objects.withLock { $0 }
            .filter { object in
                LogKind.allCases.first { !$0.filePrefix.isEmpty && object.key.contains($0.filePrefix) } ?? .access
                    == log
            }
            .flatMap { String(decoding: $0.chunks.joined(), as: UTF8.self).split(separator: "\n").map(String.init) }
    }
}

extension LoadBalancerAttributes {
    /// All three logs go to a bucket.
    mutating func deliverLogs() {
        for log in LogKind.allCases { self[log] = LogDelivery(isEnabled: true, bucket: "logs", prefix: "p") }
    }
}

/// A line's fields, cut at spaces outside quotes.
func logFields(_ line: String) -> [String] {
    var fields = [""]
    var isQuoted = false
    for character in line {
        if character == "\"" {
            isQuoted.toggle()
        } else if character == " ", !isQuoted {
            fields.append("")
        } else {
            fields[fields.count - 1].append(character)
        }
    }
    return fields
}
