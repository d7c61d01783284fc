// Other modules compare these for every field of every request. The equality that the compiler makes up is out of their sight and
// is called through a witness; this one is compiled into its callers.

extension KnownField {
    @inlinable
    package static func == (left: Self, right: Self) -> Bool {
        unsafeBitCast(left, to: UInt8.self) == unsafeBitCast(right, to: UInt8.self)
    }
}

extension HeaderFieldRange.Passage {
    @inlinable
    package static func == (left: Self, right: Self) -> Bool {
        unsafeBitCast(left, to: UInt8.self) == unsafeBitCast(right, to: UInt8.self)
    }
}
