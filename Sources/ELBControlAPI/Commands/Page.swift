/// Which part of a long list a caller wants: `PageSize` and `Marker` in, `NextMarker` out.
package struct Page: Hashable, Sendable {
    /// AWS's limits.
    package static let sizes = 1...400

    var size: Int
    /// The id of the last thing on the page before; opaque to callers.
    var marker: String?

    /// - Parameters:
    ///   - sizeName: what the service calls the size.
    ///   - markerName: what it calls the marker.
    ///   - sizes: its limits.
    package init(
        _ input: inout CommandInput,
        size sizeName: String = "PageSize",
        marker markerName: String = "Marker",
        sizes: ClosedRange<Int> = Self.sizes
    ) throws(APIError) {
        let size = input.integer(sizeName)
        guard size.map(sizes.contains) ?? true else {
            throw .validation("\(sizeName) must be between \(sizes.lowerBound) and \(sizes.upperBound)")
        }
        self.size = size ?? sizes.upperBound
        self.marker = input.text(markerName)
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
