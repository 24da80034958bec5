import Foundation

/// `ASSAY_SOAK`: what is too long for every run of the tests.
public enum Soak {
    /// The mutants that a soak makes of each kind; `nil` where this is none.
    public static let count = ProcessInfo.processInfo.environment["ASSAY_SOAK"].flatMap(Int.init)

    /// How many mutants a fuzz test makes: as many as a soak asks for, or a few thousand.
    public static func mutants(_ usual: Int = 3000) -> Int { count ?? usual }
}
