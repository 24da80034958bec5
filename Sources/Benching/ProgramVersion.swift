/// The program's own version, which every run records.
public enum ProgramVersion {
    public static let text = "0.1.0"

    /// The compiler that built the program, as exactly as a program can know it.
    public static var compiler: String {
        #if compiler(>=6.4)
        "Swift 6.4 or later"
        #elseif compiler(>=6.3)
        "Swift 6.3"
        #elseif compiler(>=6.2)
        "Swift 6.2"
        #else
        "Swift 6.1"
        #endif
    }
}
