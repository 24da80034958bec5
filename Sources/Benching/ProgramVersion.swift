/// The program's own version, which every run records.
public enum ProgramVersion {
    public static let text = "0.1.0"
}
