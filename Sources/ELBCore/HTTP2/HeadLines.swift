import ELBWire

/// Reads the fields of a head that the balancer itself has written, for a client or target that wants them in another form.
package enum HeadLines {
    /// Calls `body` with each field's name and value, in order. The first line is left out, and so is what concerns one HTTP/1
    /// connection only: Connection and the fields of its kind.
    ///
    /// - Returns: where the head ends.
    package static func forEachField(
        of head: [UInt8],
        _ body: (_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Void
    ) -> Int {
        var start = 0
        var isFirst = true
        while let end = head[start...].firstIndex(of: ByteClass.lineFeed) {
            let line = head[start..<(end > start && head[end - 1] == ByteClass.carriageReturn ? end - 1 : end)]
            start = end + 1
            if line.isEmpty { return start }
            if !isFirst, let colon = line.firstIndex(of: ByteClass.colon) {
                let name = line[..<colon]
                if !Self.isConnectionSpecific(name) {
                    let value = line[(colon + 1)...].drop(while: ByteClass.isWhitespace)
                    body(name, value)
                }
            }
            isFirst = false
        }
        return head.count
    }

    /// Writes the names of a head's fields with capitals, `X-Word` for `x-word`: a quirk.
    package static func capitalizeNames(of head: inout [UInt8]) {
        var isName = false
        var isFirst = false
        for index in head.indices {
            let byte = head[index]
            if byte == ByteClass.lineFeed {
                (isName, isFirst) = (true, true)
            } else if byte == ByteClass.colon {
                isName = false
            } else if isName {
                if isFirst, (0x61...0x7a).contains(byte) { head[index] = byte & 0xdf }
                isFirst = byte == UInt8(ascii: "-")
            }
        }
    }

    private static func isConnectionSpecific(_ name: ArraySlice<UInt8>) -> Bool {
        let names: [StaticString] = [
            "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te",
        ]
        return names.contains { expected in
            name.count == expected.utf8CodeUnitCount
                && zip(name, UnsafeBufferPointer(start: expected.utf8Start, count: expected.utf8CodeUnitCount))
                    .allSatisfy { $0 | 0x20 == $1 }
        }
    }
}
