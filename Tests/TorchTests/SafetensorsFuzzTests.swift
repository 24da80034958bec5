import Diagnostics
import Foundation
import Testing

@testable import Torch

/// Damaged weights never crash, hang or take memory beyond their size; `ASSAY_SOAK=100000` makes that many mutants.
@Suite(.serialized) @TensorActor struct SafetensorsFuzzTests {
    @Test("A damaged file is read with entries that fit it, or refused with its name")
    func files() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("model.safetensors")
        let seeds = try Self.seeds()
        var generator = SplitMix64(state: 17)
        var (read, refused) = (0, 0)
        for _ in 0..<mutantCount {
            let bytes = mutant(of: seeds.randomElement(using: &generator) ?? [], using: &generator)
            try folder.write(bytes, to: "model.safetensors")
            do throws(Diagnostic) {
                let file = try SafetensorsFile(path: path)
                read += 1
                let fit = file.entries.values.allSatisfy { $0.range.upperBound <= bytes.count }
                #expect(fit && file.entries.values.reduce(0) { $0 + $1.range.count } <= bytes.count)
                try Self.readTensors(of: file)
            } catch {
                refused += 1
                #expect(error.location.file == path && [.badData, .inputMissing].contains(error.category), "\(error)")
            }
        }
        #expect(read > 0 && refused > 0)
    }

    /// Makes a tensor over every entry where libtorch is there; a dtype without arithmetic is an error that names it.
    private static func readTensors(of file: SafetensorsFile) throws(Diagnostic) {
        guard TorchSetup.isThere else { return }
        for name in file.names where file.entries[name].flatMap({ ElementType(safetensors: $0.dtype) }) != nil {
            do throws(Diagnostic) { _ = try file.tensor(name).bytes() } catch {
                // A tensor without elements may have extents that libtorch cannot count.
                guard error.category == .internalFailure, file.entries[name]?.range.isEmpty == true else { throw error }
            }
        }
    }

    @Test("A damaged index or shard is read or refused")
    func stores() throws {
        let folder = try TemporaryFolder()
        let shards = [WeightStoreTests.shard, try Self.seeds()[0]]
        let index = Array(
            #"{"metadata":{"total_size":8},"weight_map":{"a":"1.safetensors","x":"2.safetensors"}}"#.utf8)
        var generator = SplitMix64(state: 19)
        var (read, refused) = (0, 0)
        for _ in 0..<mutantCount / 30 {
            var files = [index] + shards
            let place = files.indices.randomElement(using: &generator) ?? 0
            files[place] = mutant(of: files[place], using: &generator)
            for (name, bytes) in zip(["model.safetensors.index.json", "1.safetensors", "2.safetensors"], files) {
                try folder.write(bytes, to: name)
            }
            do throws(Diagnostic) {
                _ = try WeightStore(directory: folder.path).byteCount
                read += 1
            } catch {
                refused += 1
                #expect(error.location.file?.hasPrefix(folder.path) == true, "\(error)")
            }
        }
        #expect(read > 0 && refused > 0)
    }

    private static func seeds() throws -> [[UInt8]] {
        let header = #"""
            {"__metadata__":{"format":"pt"},"x":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},
            "layers.0.weight":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},"none":{"dtype":"I64","shape":[0,5],
            "data_offsets":[32,32]},"flags":{"dtype":"BOOL","shape":[3],"data_offsets":[32,35]}}
            """#
        let data = (0..<35).map { UInt8($0 * 7 & 0xFF) }
        return [
            safetensors(header, data), WeightStoreTests.shard,
            Array(try Data(contentsOf: URL(filePath: TorchFixtures.folder + "/reference.safetensors"))),
        ]
    }
}

/// Damages bytes in one to three places: changed, removed, repeated, put in, or cut off.
private func mutant(of document: [UInt8], using generator: inout SplitMix64) -> [UInt8] {
    var bytes = document
    let telling = Array(#"{}[]",:\0123456789eE+-.FBI "#.utf8) + [0x0A, 0x00, 0xFF, 0xC3, 0x7F, 0x80]
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0...bytes.count, using: &generator)
        let end = min(bytes.count, place + Int.random(in: 1...8, using: &generator))
        switch Int.random(in: 0..<7, using: &generator) {
        case 0, 1:
            // Damage to the numbers of the header finds more than damage elsewhere.
            let digits = bytes.indices.filter { (0x30...0x39).contains(bytes[$0]) }
            if let digit = digits.randomElement(using: &generator) {
                bytes[digit] = telling.randomElement(using: &generator) ?? 0
            }
        case 2 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 3: bytes.removeSubrange(place..<end)
        case 4: bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &generator))
        case 5: bytes.removeLast(bytes.count - place)
        default: bytes.insert(telling.randomElement(using: &generator) ?? 0, at: place)
        }
    }
    return bytes
}
