import Diagnostics

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The data files of a suite, found under a path that may be one of them or a folder of them.
enum FileTree {
    enum Kind { case file, folder, missing }

    /// What a data file's name ends in, longest first.
    private static let extensions = [".jsonl.gz", ".json.gz", ".jsonl", ".json"]
    private static let maximumDepth = 8

    static func kind(of path: String) -> Kind {
        var status = stat()
        guard stat(path, &status) == 0 else { return .missing }
        return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
    }

    /// The path itself where it is a file, else all data files below the folder, sorted by path.
    ///
    /// - Throws: `inputMissing` where nothing is at the path or the folder holds no data file.
    static func dataFiles(at path: String) throws(Diagnostic) -> [DataFile] {
        switch kind(of: path) {
        case .file: return [DataFile(path: path, name: stem(of: lastComponent(of: path)))]
        case .missing:
            throw Diagnostic(
                .inputMissing, "there is no such file or folder", at: .init(file: path), remedy: "Check the path")
        case .folder:
            let files = try files(below: path, prefix: "", depth: 0)
            guard !files.isEmpty else {
                throw Diagnostic(
                    .inputMissing, "the folder holds no .json, .jsonl or .gz of these", at: .init(file: path),
                    remedy: "Name the folder that holds the suite's data files")
            }
            return files
        }
    }

    private static func files(below folder: String, prefix: String, depth: Int) throws(Diagnostic) -> [DataFile] {
        var found: [DataFile] = []
        for entry in try entries(of: folder) {
            let path = folder.hasSuffix("/") ? folder + entry : "\(folder)/\(entry)"
            switch kind(of: path) {
            case .folder where depth < maximumDepth:
                found += try files(below: path, prefix: prefix + entry + "/", depth: depth + 1)
            case .file where stem(of: entry) != entry:
                found.append(DataFile(path: path, name: prefix + stem(of: entry)))
            default: continue
            }
        }
        return found
    }

    /// The names in a folder, sorted, hidden ones left out.
    private static func entries(of folder: String) throws(Diagnostic) -> [String] {
        guard let directory = opendir(folder) else {
            throw Diagnostic(
                .inputMissing, "the folder cannot be opened: \(String(cString: strerror(errno)))",
                at: .init(file: folder), remedy: "Check its permissions")
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)) {
                    String(cString: $0)
                }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// A name without a data file's extension; the name itself where it has none.
    private static func stem(of name: String) -> String {
        extensions.first { name.hasSuffix($0) }.map { String(name.dropLast($0.count)) } ?? name
    }

    private static func lastComponent(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}

/// One data file of a suite.
struct DataFile {
    var path: String
    /// The path below the folder that was named, or the file's own name; without extension.
    var name: String

    /// The names of the folders around the file and of the file itself, without extension, outermost first.
    var components: [String] {
        var parts = path.split(separator: "/").map(String.init)
        if let last = name.split(separator: "/").last { parts[parts.count - 1] = String(last) }
        return parts
    }
}
