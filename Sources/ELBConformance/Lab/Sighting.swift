/// One request as a server read it: the raw truth that lessons judge by, told without the fleet's own types.
package struct Sighting: Hashable, Sendable {
    /// The server, by its logical id in the template.
    package var server: String
    /// Order of arrival at that server, from 1.
    package var sequence: Int
    package var isProbe: Bool
    /// Nanoseconds of the machine's monotonic clock; the same clock for all servers.
    package var arrivedNanoseconds: UInt64
    /// When it was answered or given up, by the same clock; `nil` while under way.
    package var settledNanoseconds: UInt64?
    package var method: String
    /// As on the request line.
    package var target: String
    package var headers: [CurlHeader]
    package var peerAddress: String
    /// The port it came to, by the number that the template gives it.
    package var port: Int
    /// Status of the answer; `nil` if there was none.
    package var status: Int?
    /// What was done to it in place of an ordinary answer: `fail 500`, `script timeout`.
    package var fault: String?

    /// The values of all fields of that name, in order.
    package func values(of name: String) -> [String] {
        self.headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}
