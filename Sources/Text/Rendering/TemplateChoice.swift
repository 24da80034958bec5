import Diagnostics

/// Which template turns a dialogue into text.
public enum TemplateChoice: Sendable, Hashable {
    /// The checkpoint's own.
    case checkpoint
    /// One that the checkpoint or Assay knows by this name.
    case named(String)
    /// A Jinja file.
    case file(String)
    /// None: prompt and response are tokenised apart and concatenated, nothing is added.
    case raw

    /// What `--template` was given: `raw`, a file's path, or a name.
    public init(argument: String) {
        if argument == "raw" {
            self = .raw
        } else if argument.contains("/") || argument.hasSuffix(".jinja") {
            self = .file(argument)
        } else {
            self = .named(argument)
        }
    }
}

/// What is cut where a rendering is longer than the maximum; the same for all responses of a row.
public enum Truncation: String, Sendable, Hashable, CaseIterable {
    /// The prompt loses tokens at its start, as many as the row's longest response needs.
    case promptLeft = "prompt-left"
    /// Responses lose tokens at their end.
    case responseRight = "response-right"
}
