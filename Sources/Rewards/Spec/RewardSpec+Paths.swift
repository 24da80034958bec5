extension RewardSpec {
    /// The same spec with its relative paths taken from a folder: its source, where that is a path, the parameters that
    /// are paths, and those of its members.
    ///
    /// An absolute path stays as it is; the folder's name is put before the others, without looking at the disk.
    public func resolvingPaths(relativeTo folder: String) -> RewardSpec {
        var resolved: [String: String] = [:]
        for parameter in parameters { resolved[parameter.key] = resolve(parameter, relativeTo: folder) }
        return RewardSpec(
            kind, source: hasPathSource ? Self.resolve(source, relativeTo: folder) : source,
            members: members.map { $0.resolvingPaths(relativeTo: folder) }, parameters: resolved)
    }

    private var hasPathSource: Bool { kind.source == .checkpoint || kind.source == .file }

    private func resolve(_ parameter: Parameter, relativeTo folder: String) -> String {
        guard let known = kind.parameters.first(where: { $0.name == parameter.key }), known.isPath,
            !known.words.contains(parameter.value)
        else { return parameter.value }
        return Self.resolve(parameter.value, relativeTo: folder)
    }

    private static func resolve(_ path: String, relativeTo folder: String) -> String {
        if path.hasPrefix("/") || folder.isEmpty { return path }
        let rest = path.hasPrefix("./") ? path.dropFirst(2) : path[...]
        return folder.hasSuffix("/") ? folder + rest : "\(folder)/\(rest)"
    }
}
