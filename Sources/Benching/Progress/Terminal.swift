#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the program's streams are connected to.
public enum Terminal {
    /// Whether standard error is a terminal that can redraw a line.
    public static var isInteractive: Bool { isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb" }

    /// Whether standard output may be coloured: it is a terminal and `NO_COLOR` is not set (https://no-color.org).
    public static var allowsColour: Bool {
        isatty(STDOUT_FILENO) == 1 && environment("NO_COLOR").map(\.isEmpty) != false && environment("TERM") != "dumb"
    }

    /// Columns of the terminal on standard error; 80 where they are not known.
    static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes to standard error, all of it or as much as it takes.
    public static func writeError(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            bytes = bytes.dropFirst(written)
        }
    }

    private static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
