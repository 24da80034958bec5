import Foundation

/// The program of Tests/StudyWorkerFixture, beside the test bundle.
enum StudyProgram {
    static let path: String = {
        let bundle = CommandLine.arguments[0].contains(".xctest") ? CommandLine.arguments[0] : Bundle.main.bundlePath
        var folder = URL(filePath: bundle).deletingLastPathComponent()
        let name = "StudyWorkerFixture"
        while !FileManager.default.isExecutableFile(atPath: folder.appending(path: name).path), folder.path != "/" {
            folder = folder.deletingLastPathComponent()
        }
        return folder.appending(path: name).path
    }()

    static let isBuilt = FileManager.default.isExecutableFile(atPath: path)

    /// Starts `run STUDY LEDGER JOBS`.
    static func start(_ study: String, ledger: String, jobs: Int, resumes: Bool = false) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = ["run", study, ledger, String(jobs)] + (resumes ? ["resume"] : [])
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// The processes whose parent is another.
    static func children(of parent: Int32) -> [Int32] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap(Int32.init).filter { process in
            let stat = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            // The name, in parentheses, may hold anything; the parent is the second field after it.
            let fields = stat.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && fields[1] == "\(parent)"
        }
    }
}
