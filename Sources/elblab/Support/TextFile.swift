import Glibc

/// Small files that others read while they are written anew.
enum TextFile {
    /// Writes the text to a new file beside and renames it, so that no reader sees half of it.
    static func write(_ text: String, to path: String) throws {
        let fresh = "\(path).new"
        guard let file = fopen(fresh, "w") else { throw Self.failure(path) }
        let written = fputs(text, file)
        guard fclose(file) == 0, written >= 0, rename(fresh, path) == 0 else {
            let failure = Self.failure(path)
            unlink(fresh)
            throw failure
        }
    }

    private static func failure(_ path: String) -> CommandFailure {
        CommandFailure("cannot write '\(path)': \(String(cString: strerror(errno)))")
    }
}
