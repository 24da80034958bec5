import Experiment

/// One study's or run's findings, with the names that its parts have on the page and in the folder.
struct PageSection {
    struct NamedFigure {
        let figure: Figure
        /// The name of its files and its anchor, unique on the page.
        let name: String
    }

    struct NamedTable {
        let table: FindingTable
        let name: String
    }

    /// What is shown in a figure's place.
    enum Exhibit {
        case figure(NamedFigure)
        case group(FigureGroup, [NamedFigure])
    }

    let findings: Findings
    let anchor: String
    let figures: [NamedFigure]
    let tables: [NamedTable]

    /// Sections with names that differ, also where studies name figures alike: then the study's title comes first.
    static func all(_ findings: [Findings]) -> [PageSection] {
        var anchors = UniqueNames()
        var figureNames = UniqueNames()
        var tableNames = UniqueNames()
        return findings.map { entry in
            PageSection(
                findings: entry, anchor: anchors.name(for: entry.title, within: ""),
                figures: entry.figures.map {
                    NamedFigure(figure: $0, name: figureNames.name(for: $0.id, within: entry.title))
                },
                tables: entry.tables.map {
                    NamedTable(table: $0, name: tableNames.name(for: $0.id, within: entry.title))
                })
        }
    }

    /// The figures in order; those of a group together, where the first of them stands.
    func exhibits(_ groups: [FigureGroup]) -> [Exhibit] {
        var shown: Set<String> = []
        var exhibits: [Exhibit] = []
        for entry in figures where !shown.contains(entry.name) {
            guard let group = groups.first(where: { $0.figures.contains(entry.figure.id) }) else {
                exhibits.append(.figure(entry))
                continue
            }
            let members = group.figures.compactMap { id in
                figures.first { $0.figure.id == id && !shown.contains($0.name) }
            }
            shown.formUnion(members.map(\.name))
            exhibits.append(.group(group, members))
        }
        return exhibits
    }
}

/// Names for files and anchors, no two alike.
struct UniqueNames {
    private var taken: Set<String> = []

    /// The words as a name; where that is taken, with the words around them before it, and then with a number.
    mutating func name(for words: String, within: String) -> String {
        let short = Slug(words).text
        let long = within.isEmpty ? short : Slug(within).text + "-" + short
        let numbered = (2...).lazy.map { "\(long)-\($0)" }
        let name = [short, long].first { !taken.contains($0) } ?? numbered.first { !taken.contains($0) } ?? long
        taken.insert(name)
        return name
    }
}
