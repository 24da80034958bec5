/// Places of prompts that have a meaning of their own.
enum WorkflowPlace: String, CaseIterable {
    /// Which round of its loop it is, from 1; 1 outside of loops.
    case round
    /// All that was said so far: `role: text`, with an empty line between.
    case transcript
}
