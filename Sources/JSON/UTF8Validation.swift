/// Finds where bytes stop being UTF-8.
enum UTF8Validation {
    /// The position of the first byte that begins no valid scalar, or `nil` where all is well.
    ///
    /// - Parameter isTruncated: the bytes were cut out of a longer text, so their last scalar may be incomplete.
    static func firstInvalid(in bytes: Slice<UnsafeBufferPointer<UInt8>>, isTruncated: Bool) -> Int? {
        var parser = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var position = bytes.startIndex
        while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let scalar): position += scalar.count
            case .emptyInput: return nil
            case .error(let length):
                return isTruncated && position + length == bytes.endIndex ? nil : position
            }
        }
    }
}
