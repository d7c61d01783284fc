import ELBCore
import NIOCore

extension ByteBuffer {
    /// A buffer with a copy of the text.
    init(_ output: borrowing ByteOutput) {
        self = ByteBufferAllocator().buffer(capacity: output.count)
        self.write(output)
    }

    /// Appends a copy of the text.
    mutating func write(_ output: borrowing ByteOutput) {
        _ = output.span.withUnsafeBytes { self.writeBytes($0) }
    }
}
