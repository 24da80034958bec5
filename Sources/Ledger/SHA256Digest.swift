internal import Crypto
public import Diagnostics
internal import Foundation
internal import JSON

/// SHA-256 (FIPS 180-4) of bytes and files, in lower-case hexadecimal.
public enum SHA256Digest {
    public static func hexadecimal(of bytes: some Sequence<UInt8>) -> String {
        hexadecimal(SHA256.hash(data: Data(bytes)))
    }

    /// The digest of a file's bytes, read in chunks.
    ///
    /// - Throws: `inputMissing` where there is no such file, it cannot be read, or it is a folder.
    public static func hexadecimal(ofFile path: String) throws(Diagnostic) -> String {
        let file = try InputFile(path: path)
        var hash = SHA256()
        var chunk: [UInt8] = []
        while try file.read(upTo: 1 << 20, onto: &chunk) > 0 {
            hash.update(data: chunk)
            chunk.removeAll(keepingCapacity: true)
        }
        return hexadecimal(hash.finalize())
    }

    static func hexadecimal(_ digest: SHA256.Digest) -> String {
        digest.map { byte in String(byte >> 4, radix: 16) + String(byte & 0xF, radix: 16) }.joined()
    }
}
