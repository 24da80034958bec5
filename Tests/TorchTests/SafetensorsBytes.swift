/// A safetensors file: the header's length, the header, the data.
func safetensors(_ header: String, _ data: [UInt8], length: UInt64? = nil) -> [UInt8] {
    withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian, Array.init) + Array(header.utf8) + data
}
