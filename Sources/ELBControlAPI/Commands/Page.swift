/// Which part of a long list a caller wants: `PageSize` and `Marker` in, `NextMarker` out.
package struct Page: Hashable, Sendable {
    /// AWS's limits.
    package static let sizes = 1...400

    var size: Int
    /// The id of the last thing on the page before; opaque to callers.
    var marker: String?

    package init(_ input: inout CommandInput) throws(APIError) {
        let size = input.integer("PageSize")
        guard size.map(Self.sizes.contains) ?? true else {
            throw .validation("PageSize must be between \(Self.sizes.lowerBound) and \(Self.sizes.upperBound)")
        }
        self.size = size ?? Self.sizes.upperBound
        self.marker = input.text("Marker")
    }

    /// The page, and the marker of the next one unless this is the last.
    ///
    /// - Throws: for a marker that no page has ended with.
    package func cut<Item>(
        _ items: [Item],
        id: (Item) -> String
    ) throws(APIError) -> (items: [Item], next: String?) {
        var start = 0
        if let marker {
            guard let last = items.firstIndex(where: { id($0) == marker }) else {
                throw .validation("Invalid marker '\(marker.prefix(80))'")
            }
            start = last + 1
        }
        let page = Array(items[start...].prefix(self.size))
        let isLast = start + page.count == items.count
        return (page, isLast ? nil : page.last.map(id))
    }
}
