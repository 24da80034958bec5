/// The colours of figures on light and dark ground.
///
/// The series' colours are those of Okabe and Ito (Color Universal Design, 2008), in an order in which neighbours differ in
/// lightness too; on dark ground they are lighter. Names are written in a darker (or lighter) shade of the same hue,
/// which has a contrast of at least 4.5 to the ground.
struct Palette {
    /// How many colours there are before they repeat.
    static let count = 8

    let ground: String
    let ink: String
    /// Letters of axes and captions.
    let quiet: String
    let grid: String
    let series: [String]
    let names: [String]

    static let light = Palette(
        ground: "#ffffff", ink: "#1b1f24", quiet: "#57606a", grid: "#e3e6ea",
        series: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d46", "#7f7f7f"],
        names: ["#00629b", "#b04e00", "#00704f", "#a34d7c", "#8a5f00", "#20709f", "#775c39", "#626262"])

    static let dark = Palette(
        ground: "#15181c", ink: "#e8eaed", quiet: "#a3abb5", grid: "#2c323a",
        series: ["#4aa8e0", "#f0813a", "#2fc398", "#df94bd", "#f2b63d", "#8fd0f5", "#c2a27a", "#a6a6a6"],
        names: ["#6bb9ea", "#f5975a", "#4dd0a9", "#e6a9ca", "#f4c25f", "#a3d8f7", "#cfb391", "#b8b8b8"])

    /// The rules of a figure's classes in these colours.
    var rules: String {
        var rules = [
            ".bg{fill:\(ground)}", ".halo{stroke:\(ground)}", ".ax{stroke:\(quiet)}", ".gr{stroke:\(grid)}",
            ".tx{fill:\(ink)}", ".mu{fill:\(quiet)}", ".sr{stroke:\(ink)}", ".fr{fill:\(ink)}", ".tr{fill:\(ink)}",
        ]
        for (index, (colour, name)) in zip(series, names).enumerated() {
            rules.append(".s\(index){stroke:\(colour)}.f\(index){fill:\(colour)}.t\(index){fill:\(name)}")
        }
        return rules.joined()
    }

    /// The rules for both grounds; paper is light.
    static var figureRules: String {
        light.rules + "@media screen and (prefers-color-scheme:dark){" + dark.rules + "}"
    }
}
