import ELBModel
import Testing

@Suite struct Timestamps {
    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"), (1_709_251_199_250, "2024-02-29T23:59:59.250Z"),
        (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    ])
    func `are written as AWS writes them`(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).iso8601 == text)
    }
}
