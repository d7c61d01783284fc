import ELBModel
import ELBWire

// X-Amzn-Trace-Id is a list of `name=value` parts between semicolons. What becomes of the client's:
//
//     none                          Root=NEW
//     Root=R                        Self=NEW;Root=R                   (ALB-HDR-018)
//     Self=S;Root=R;CalledFrom=app  Self=NEW;Root=R;CalledFrom=app    (ALB-HDR-019, -020)
//     Self=S;CalledFrom=app         Self=NEW;Root=NEW;CalledFrom=app  a trace always has a root
//     head over 7 KB of fields      Root=NEW                          (ALB-HDR-022)
//
// An id is `1-`, eight hexadecimal digits of seconds since 1970, `-`, 24 random ones (ALB-HDR-017).

extension ForwardedHeaders {
    private static let traceName = Array("X-Amzn-Trace-Id: ".utf8)
    private static let rootName = Array("Root=".utf8)
    private static let selfName = Array("Self=".utf8)
    private static let lineEnd = Array("\r\n".utf8)

    func appendTraceID(
        to output: inout ByteOutput,
        _ head: borrowing RequestHead,
        _ bytes: Span<UInt8>,
        _ epochSeconds: UInt32,
        _ generator: inout SplitMix64
    ) -> Range<Int> {
        output.append(Self.traceName)
        let start = output.count
        if let value = self.tracedValue(head) {
            self.appendContinued(value, to: &output, bytes, epochSeconds, &generator)
        } else {
            Self.appendID(named: Self.rootName, to: &output, epochSeconds, &generator)
        }
        let end = output.count
        output.append(Self.lineEnd)
        return start..<end
    }

    /// The client's value if it is to be continued; of several lines the first one counts.
    private func tracedValue(_ head: borrowing RequestHead) -> Range<Int>? {
        guard !self.quirks.contains(.traceIDReplaced) else { return nil }
        var value: Range<Int>?
        var size = 0
        for index in head.fields.indices {
            let field = head.fields[index]
            size += field.line.count
            if value == nil, field.known == .xAmznTraceID, !field.value.isEmpty { value = field.value.range }
        }
        return size > Self.largestTracedHead ? nil : value
    }

    private func appendContinued(
        _ value: Range<Int>,
        to output: inout ByteOutput,
        _ bytes: Span<UInt8>,
        _ epochSeconds: UInt32,
        _ generator: inout SplitMix64
    ) {
        var root = 0..<0
        Self.forEachPart(of: value, bytes) { part in
            if root.isEmpty, part.count > Self.rootName.count, Self.has(part, bytes, name: Self.rootName) {
                root = part
            }
        }
        Self.appendID(named: Self.selfName, to: &output, epochSeconds, &generator)
        output.append(UInt8(ascii: ";"))
        if root.isEmpty {
            Self.appendID(named: Self.rootName, to: &output, epochSeconds, &generator)
        } else {
            output.append(bytes, root)
        }
        Self.forEachPart(of: value, bytes) { part in
            let isOurs = Self.has(part, bytes, name: Self.rootName) || Self.has(part, bytes, name: Self.selfName)
            guard !isOurs, !part.isEmpty else { return }
            output.append(UInt8(ascii: ";"))
            output.append(bytes, part)
        }
    }

    private static func forEachPart(of value: Range<Int>, _ bytes: Span<UInt8>, _ body: (Range<Int>) -> Void) {
        var start = value.lowerBound
        while start < value.upperBound {
            while start < value.upperBound, bytes[start] == UInt8(ascii: " ") { start += 1 }
            var end = start
            while end < value.upperBound, bytes[end] != UInt8(ascii: ";") { end += 1 }
            body(start..<end)
            start = end + 1
        }
    }

    private static func has(_ part: Range<Int>, _ bytes: Span<UInt8>, name: [UInt8]) -> Bool {
        guard part.count >= name.count else { return false }
        for index in name.indices
        where ASCII.lowercase(bytes[part.lowerBound + index]) != ASCII.lowercase(name[index]) { return false }
        return true
    }

    private static func appendID(
        named name: [UInt8],
        to output: inout ByteOutput,
        _ epochSeconds: UInt32,
        _ generator: inout SplitMix64
    ) {
        output.append(name)
        output.append(UInt8(ascii: "1"))
        output.append(UInt8(ascii: "-"))
        output.append(hexadecimal: UInt64(epochSeconds), digits: 8)
        output.append(UInt8(ascii: "-"))
        output.append(hexadecimal: generator.next(), digits: 16)
        output.append(hexadecimal: generator.next(), digits: 8)
    }
}
