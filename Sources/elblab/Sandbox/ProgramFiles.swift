import FoundationEssentials
import Glibc

/// Files without which a program does not run, where they lie outside the system's folders.
enum ProgramFiles {
    /// This program and the libraries that it has loaded.
    static var ours: [String] {
        let maps = FileManager.default.contents(atPath: "/proc/self/maps") ?? Data()
        let paths = String(decoding: maps, as: UTF8.self).split(separator: "\n").compactMap { line in
            line.firstIndex(of: "/").map { String(line[$0...]) }
        }
        return Set(paths.filter { $0.contains(".so") || $0 == ThisProgram.path } + [ThisProgram.path]).sorted()
    }

    /// The folders of a program that runs in a Python environment of its own: the environment, and the Python that it was made from.
    static func needed(by program: String) -> [String] {
        let environment = Self.above(Self.above(program))
        guard access("\(environment)/pyvenv.cfg", R_OK) == 0 else { return [program] }
        guard let python = realpath("\(environment)/bin/python3", nil) else { return [environment] }
        defer { free(python) }
        return [environment, Self.above(Self.above(String(cString: python)))]
    }

    private static func above(_ path: String) -> String {
        path.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" }
    }
}
