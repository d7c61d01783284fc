import Dispatch
import ELBLessons
import Glibc

/// What a person types while an answer is watched.
enum KeyInput {
    /// Keys one by one as a raw terminal sends them, or letters of lines where it is not raw; ends with the input, after `quit` if the input
    /// was a terminal: then nobody is there any more.
    static func keys(isRaw: Bool) -> AsyncStream<WatchKey> {
        let (keys, sender) = AsyncStream.makeStream(of: WatchKey.self)
        let isTerminal = isatty(0) == 1
        // A thread of its own: reading a terminal waits.
        DispatchQueue(label: "elblab.keys").async {
            // Who reads in the background is stopped by this signal, and goes on in the foreground; blocked, it would be an end of the input.
            SignalMask.unblock(SIGTTIN)
            var parser = KeyParser()
            var buffer = [UInt8](repeating: 0, count: 1024)
            while true {
                let count = read(0, &buffer, buffer.count)
                if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
                guard count > 0 else { break }
                if isRaw {
                    for key in parser.parse(buffer[..<count]) { sender.yield(key) }
                } else {
                    let text = String(decoding: buffer[..<count], as: UTF8.self)
                    for line in text.split(separator: "\n") {
                        guard let letter = line.first(where: { !$0.isWhitespace }) else { continue }
                        sender.yield(WatchKey(letter: letter))
                    }
                }
            }
            if isTerminal { sender.yield(.quit) }
            sender.finish()
        }
        return keys
    }
}
