import NIOCore
import NIOHPACK

/// Reads HTTP/2's header blocks, for clients that have no library for it. A connection has one decoder: blocks refer to
/// those before them.
package struct HeaderBlockDecoder {
    private var decoder = HPACKDecoder(allocator: ByteBufferAllocator())

    package init() {}

    /// The fields in order, as they came; nothing is checked but the compression.
    package mutating func decode(_ block: [UInt8]) throws -> [RecordedField] {
        var buffer = ByteBuffer(bytes: block)
        return try self.decoder.decodeHeaders(from: &buffer).map { RecordedField(name: $0.name, value: $0.value) }
    }
}
