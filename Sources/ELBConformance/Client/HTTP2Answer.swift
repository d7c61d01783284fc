/// What came back on one stream.
package struct HTTP2Answer: Sendable {
    /// Of the final head; `nil` until it has come.
    package var status: Int?
    /// Of the final head, in order, `:status` among them.
    package var headers: [CurlHeader] = []
    package var interimStatuses: [Int] = []
    package var body: [UInt8] = []
    package var trailers: [CurlHeader] = []
    /// Whether the other side has ended the stream in order.
    package var isComplete = false
    /// The code of RST_STREAM, if it ended so.
    package var resetCode: Int?

    /// Whether nothing more will come.
    package var isOver: Bool { self.isComplete || self.resetCode != nil }

    /// The first value of that field.
    package func header(_ name: String) -> String? { self.headers.first { $0.name == name.lowercased() }?.value }

    package func trailer(_ name: String) -> String? { self.trailers.first { $0.name == name.lowercased() }?.value }

    package var text: String { String(decoding: self.body, as: UTF8.self) }

    mutating func received(_ fields: [CurlHeader]) {
        guard self.status == nil else {
            self.trailers += fields
            return
        }
        guard let status = fields.first(where: { $0.name == ":status" }).flatMap({ Int($0.value) }) else { return }
        if (100..<200).contains(status) {
            self.interimStatuses.append(status)
        } else {
            self.status = status
            self.headers = fields
        }
    }
}
