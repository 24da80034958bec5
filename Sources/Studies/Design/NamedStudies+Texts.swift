// Made by scripts/embed-studies. Change the files of Sources/Studies/Named instead.
// swift-format-ignore-file

extension NamedStudies {
    static let texts: [(name: String, text: String)] = [
    ]
}
