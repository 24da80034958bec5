import Diagnostics

/// What one rendering may still spend, so that no template hangs or exhausts the memory.
final class TemplateBudget {
    private var steps: Int
    private var bytes: Int

    init(_ limits: JinjaTemplate.Limits, inputBytes: Int) {
        steps = limits.steps + limits.stepsPerInputByte * inputBytes
        bytes = limits.bytes + limits.bytesPerInputByte * inputBytes
    }

    /// Pays for work: a step is about the evaluation of one expression, or the visit of one element.
    func spend(steps count: Int) throws(Diagnostic) {
        steps -= min(count, steps + 1)
        guard steps >= 0 else { throw .template("the template does not end within its limit of steps") }
    }

    /// Pays for memory before it is taken, so that an enormous result is refused rather than made.
    func spend(bytes count: Int) throws(Diagnostic) {
        bytes -= min(count, bytes + 1)
        guard bytes >= 0 else { throw .template("the template makes more text and lists than its limit of memory") }
    }

    func spend(steps: Int, bytes: Int) throws(Diagnostic) {
        try spend(steps: steps)
        try spend(bytes: bytes)
    }

    /// Pays for `count` parts of `size` bytes each.
    func spend(bytes size: Int, times count: Int) throws(Diagnostic) {
        let (total, overflow) = size.multipliedReportingOverflow(by: max(0, count))
        try spend(bytes: overflow ? Int.max : total)
    }
}
