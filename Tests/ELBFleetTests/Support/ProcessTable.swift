import Glibc

/// Which processes run on this machine, as /proc tells.
enum ProcessTable {
    /// The arguments of every process, separated by spaces.
    static func commandLines() -> [String] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var lines: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let process = Int32(name), let line = Self.commandLine(of: process) else { continue }
            lines.append(line)
        }
        return lines
    }

    private static func commandLine(of process: Int32) -> String? {
        guard let file = fopen("/proc/\(process)/cmdline", "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].map { $0 == 0 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
}
