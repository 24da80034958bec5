import Diagnostics
import Foundation

/// The folder that a file is to lie in.
public enum OutputFolder {
    /// Makes it where it is not there.
    ///
    /// - Throws: `inputMissing` where it cannot be made.
    public static func make(for file: String) throws(Diagnostic) {
        let folder = FilePath.folder(of: file)
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw Diagnostic(
                .inputMissing, "the folder cannot be made (\(error.localizedDescription))", at: .init(file: folder),
                remedy: "Check the place and its permissions")
        }
    }
}
