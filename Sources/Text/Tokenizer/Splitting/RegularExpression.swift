import CPCRE2
import Diagnostics

/// A pattern of a tokenizer, compiled by PCRE2 to match as Oniguruma does, in whose language tokenizers write them.
///
/// `@unchecked Sendable`: the compiled code is never changed after `init`, and PCRE2 lets any number of threads match
/// with it at once (pcre2api, "Multithreading"); what a match writes to belongs to a ``Matcher``.
final class RegularExpression: @unchecked Sendable {
    private let code: OpaquePointer

    /// - Throws: `badData` where the pattern is wrong or uses a construct that has no equal in PCRE2; the caller adds
    ///   where the pattern stands.
    init(oniguruma pattern: String) throws(Diagnostic) {
        var translation = OnigurumaPattern(pattern)
        let translated = Array(try translation.translated().utf8)
        var (status, offset) = (Int32(0), 0)
        let options = UInt32(PCRE2_UTF) | UInt32(PCRE2_UCP) | UInt32(PCRE2_MULTILINE) | UInt32(PCRE2_NEVER_BACKSLASH_C)
        guard let code = Self.compile(translated, options: options, status: &status, offset: &offset) else {
            throw Diagnostic(
                .badData, "the pattern cannot be compiled: \(Self.message(of: status)) (at byte \(offset))",
                remedy: "Correct the pattern")
        }
        pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
        self.code = code
    }

    deinit { pcre2_code_free_8(code) }

    private static func compile(
        _ pattern: [UInt8], options: UInt32, status: inout Int32, offset: inout Int
    ) -> OpaquePointer? {
        let context = pcre2_compile_context_create_8(nil)
        defer { pcre2_compile_context_free_8(context) }
        pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
        pcre2_set_max_pattern_length_8(context, 1 << 16)
        return pattern.withUnsafeBufferPointer {
            pcre2_compile_8($0.baseAddress, $0.count, options, &status, &offset, context)
        }
    }

    fileprivate static func message(of status: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let length = pcre2_get_error_message_8(status, &buffer, buffer.count)
        return length < 0 ? "error \(status)" : String(decoding: buffer.prefix(Int(length)), as: UTF8.self)
    }
}

extension RegularExpression {
    /// One thread's use of a pattern on texts up to a given size.
    final class Matcher {
        private let expression: RegularExpression
        private let data: OpaquePointer
        private let context: OpaquePointer

        /// - Parameter size: bytes of the longest text; the work that one match may do grows with it.
        init(_ expression: RegularExpression, size: Int) throws(Diagnostic) {
            guard let data = pcre2_match_data_create_8(1, nil) else { throw Matcher.memoryFailure }
            guard let context = pcre2_match_context_create_8(nil) else {
                pcre2_match_data_free_8(data)
                throw Matcher.memoryFailure
            }
            pcre2_set_match_limit_8(context, UInt32(clamping: 1_000_000 + 16 * size))
            pcre2_set_heap_limit_8(context, 1 << 18)
            (self.expression, self.data, self.context) = (expression, data, context)
        }

        deinit {
            pcre2_match_data_free_8(data)
            pcre2_match_context_free_8(context)
        }

        /// The first match that starts at or after a position between scalars of valid UTF-8.
        ///
        /// - Throws: `badData` where the match takes more work than any sane pattern needs.
        func firstMatch(in text: UnsafeBufferPointer<UInt8>, from start: Int) throws(Diagnostic) -> Range<Int>? {
            let options = UInt32(PCRE2_NO_UTF_CHECK)
            var status = match(text, from: start, options: options)
            if status == PCRE2_ERROR_JIT_STACKLIMIT {
                status = match(text, from: start, options: options | UInt32(PCRE2_NO_JIT))
            }
            if status == PCRE2_ERROR_NOMATCH { return nil }
            guard status >= 0, let bounds = pcre2_get_ovector_pointer_8(data), bounds[0] >= start,
                bounds[0] <= bounds[1]
            else { throw Matcher.failure(status) }
            return bounds[0]..<bounds[1]
        }

        private func match(_ text: UnsafeBufferPointer<UInt8>, from start: Int, options: UInt32) -> Int32 {
            withUnsafePointer(to: 0 as UInt8) { empty in
                pcre2_match_8(
                    expression.code, text.baseAddress ?? empty, text.count, start, options, data, context)
            }
        }

        private static func failure(_ status: Int32) -> Diagnostic {
            Diagnostic(
                .badData, "a pattern of the tokenizer failed on this text: \(RegularExpression.message(of: status))",
                remedy: "Split the text into shorter ones, or simplify the pattern")
        }

        private static var memoryFailure: Diagnostic {
            Diagnostic(.internalFailure, "there is no memory to match a pattern", remedy: "Free memory and try again")
        }
    }
}
