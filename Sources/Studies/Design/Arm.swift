import JSON

/// One combination of levels, or a control: what is run once a seed.
public struct Arm: Sendable {
    /// Why an arm is there.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case design
        /// The same arm with its sampling streams keyed anew.
        case sameAgain = "a-a"
        /// The same arm with its reward shuffled.
        case placebo

        /// Under this name ``Arm/levels`` says which control an arm is.
        public static let key = "control"
    }

    /// The place among the study's arms, counted from 0.
    public let position: Int
    /// `regime=grpo,accuracy=0.5`; a control's begins with what it is: `a-a of regime=grpo,accuracy=0.5`.
    public let name: String
    /// Factor to level, in the order of factors; a control has ``Role/key`` besides.
    public let levels: JSONObject
    public let role: Role
    /// For a control the position of the arm it is a copy of.
    public let original: Int?
    public let settings: JSONValue
    /// What was put into the study's settings to make these.
    let patches: [SettingsPatch]
}
