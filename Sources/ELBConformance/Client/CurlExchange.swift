internal import CCurl

/// What libcurl's callbacks collect of one exchange. Only the thread that runs the transfer touches it.
final class CurlExchange {
    struct Head {
        var version: String
        var status: Int
        var reason: String
        var headers: [CurlHeader] = []
    }

    private(set) var heads: [Head] = []
    private(set) var trailers: [CurlHeader] = []
    private(set) var body: [UInt8] = []
    private var headIsOpen = false
    /// What is left to send, the piece in hand first.
    private var pieces: ArraySlice<[UInt8]>
    private var offset = 0

    let wantsCertificates: Bool

    init(_ request: CurlRequest) {
        self.wantsCertificates = request.tls != nil
        switch request.body {
        case .none: self.pieces = []
        case .bytes(let bytes): self.pieces = [bytes]
        case .chunked(let pieces): self.pieces = pieces[...]
        }
    }

    /// The head of the answer itself: the last one, unless only 1xx came.
    var finalHead: Head? {
        guard let last = self.heads.last, last.status >= 200 || last.status == 101 else { return nil }
        return last
    }

    /// A line of a head or of the trailers, its line end included.
    func received(headerLine line: UnsafeRawBufferPointer) {
        let text = trimmedText(line)
        if !self.headIsOpen, text.hasPrefix("HTTP/") {
            let parts = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
            let status = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
            self.heads.append(
                Head(version: String(parts[0]), status: status, reason: parts.count > 2 ? String(parts[2]) : "")
            )
            self.headIsOpen = true
        } else if text.isEmpty {
            self.headIsOpen = false
        } else if let colon = text.firstIndex(of: ":") {
            let value = text[text.index(after: colon)...]
            let header = CurlHeader(String(text[..<colon]), trimmedText(value.utf8))
            if self.headIsOpen {
                self.heads[self.heads.count - 1].headers.append(header)
            } else {
                self.trailers.append(header)
            }
        }
    }

    func received(body bytes: UnsafeRawBufferPointer) {
        self.body.append(contentsOf: bytes)
    }

    /// Fills the buffer with the next bytes to send; 0 ends the body. Pieces are not joined, so that each is one chunk.
    func send(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        while let piece = self.pieces.first {
            let rest = piece[self.offset...]
            guard !rest.isEmpty else {
                self.pieces.removeFirst()
                self.offset = 0
                continue
            }
            let count = min(rest.count, buffer.count)
            buffer.copyBytes(from: rest.prefix(count))
            self.offset += count
            return count
        }
        return 0
    }
}

func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
)
    -> Int
{
    guard let context else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    Unmanaged<CurlExchange>.fromOpaque(context).takeUnretainedValue().received(headerLine: line)
    return size * count
}

func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
)
    -> Int
{
    guard let context else { return 0 }
    let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
    Unmanaged<CurlExchange>.fromOpaque(context).takeUnretainedValue().received(body: part)
    return size * count
}

func sendBody(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
)
    -> Int
{
    guard let context else { return 0 }
    let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<CurlExchange>.fromOpaque(context).takeUnretainedValue().send(into: buffer)
}

/// Text without the white space and line ends around it. Done on bytes, because CR LF is one `Character`.
private func trimmedText(_ bytes: some BidirectionalCollection<UInt8>) -> String {
    let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
    guard let first = bytes.firstIndex(where: { !isSpace($0) }), let last = bytes.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(decoding: bytes[first...last], as: UTF8.self)
}
