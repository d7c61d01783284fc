extension String {
    /// The text with blanks after it, `width` characters in all; longer text stays as it is.
    func padding(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - self.count))
    }

    /// The text with blanks before it, `width` characters in all; longer text stays as it is.
    func paddingLeft(to width: Int) -> String {
        String(repeating: " ", count: Swift.max(0, width - self.count)) + self
    }
}
