import Glibc

// What a signal handler needs: plain storage, written before the handlers are set and never by two threads at once.
private nonisolated(unsafe) var keptModes = termios()
private nonisolated(unsafe) var isTaken: sig_atomic_t = 0

/// Leaves the other screen, shows the cursor, lets keys be typed as before.
private nonisolated(unsafe) let goodbye = strdup("\u{1B}[?25h\u{1B}[?1049l")!
private let goodbyeLength = 14

/// The terminal as a screen of its own: keys come one by one and are not shown, and what was there before comes back.
///
/// It is given back on every way out of the program. In order: `leave()`. When the process dies of a fault of its own, a handler gives it
/// back first and lets the process die then; only calls that are safe in a signal handler are made there.
enum RawTerminal {
    /// Signals that end a process by a fault of its own.
    private static let faults = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV]

    /// Whether keys and screen belong to one terminal that can do this, and that is ours and not another job's.
    static var isPossible: Bool {
        isatty(0) == 1 && isatty(1) == 1 && tcgetpgrp(0) == getpgrp()
            && !["", "dumb"].contains(Environment.value("TERM") ?? "")
    }

    /// Takes the terminal. Again after the process stood still: whoever ran meanwhile has set it otherwise.
    ///
    /// In the background it stops until the terminal is ours, as the system has it for every program that wants to set one.
    static func enter() {
        guard SignalMask.taking(SIGTTOU, Self.waitForForeground) else { return }
        if isTaken == 0 {
            guard tcgetattr(0, &keptModes) == 0 else { return }
            for fault in Self.faults { signal(fault, Self.die) }
        }
        var modes = keptModes
        // Signals stay: Ctrl-C and Ctrl-Z mean what they always do.
        modes.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
        modes.c_iflag &= ~tcflag_t(ICRNL | INLCR)
        withUnsafeMutableBytes(of: &modes.c_cc) { bytes in
            bytes[Int(VMIN)] = 1
            bytes[Int(VTIME)] = 0
        }
        tcsetattr(0, TCSADRAIN, &modes)
        isTaken = 1
        StandardStream.output.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[H\u{1B}[2J")
    }

    /// - Returns: false when the terminal is gone.
    private static func waitForForeground() -> Bool {
        // A call that stops who makes it in the background, and does nothing else.
        while tcdrain(0) != 0 {
            guard errno == EINTR else { return false }
        }
        return true
    }

    /// Gives the terminal back as it was. What was typed and not read is thrown away: it was not meant for a shell.
    static func leave() {
        guard isTaken == 1 else { return }
        StandardStream.output.write("\u{1B}[?25h\u{1B}[?1049l")
        tcsetattr(0, TCSAFLUSH, &keptModes)
        isTaken = 0
    }

    /// Stops as Ctrl-Z stops any program, and returns when it goes on.
    static func suspend() {
        Self.leave()
        let before = signal(SIGTSTP, SIG_DFL)
        // To this thread, so that it does not go on before the process has stopped.
        raise(SIGTSTP)
        SignalMask.taking(SIGTSTP) {}
        signal(SIGTSTP, before)
    }

    /// Columns and rows; 80 by 24 for a terminal that does not say.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else { return (80, 24) }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    private static let die: @convention(c) (Int32) -> Void = { number in
        if isTaken == 1 {
            _ = write(1, goodbye, goodbyeLength)
            tcsetattr(0, TCSANOW, &keptModes)
        }
        signal(number, SIG_DFL)
        raise(number)
    }
}
