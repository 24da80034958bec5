import Diagnostics
import Foundation
import JSON
import Testing

@testable import Torch

/// Files that are written and read back, and files that the reference implementation wrote.
@Suite(.serialized, .enabled(if: TorchSetup.isThere, TorchSetup.absence)) @TensorActor struct SafetensorsTests {
    @Test("What is written is read back, bit for bit", arguments: ElementType.allCases)
    func roundTrip(type: ElementType) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("tensors.safetensors")
        let wide = try Tensor.mixed(1, [3, 5]).scaled(by: 100).converted(to: type)
        let tensors = [
            "wide": wide, "one": try Tensor.full(1, shape: [], type: type),
            "none": try Tensor.zeros(shape: [0, 4], type: type), "b.ä.\"quoted\"": try wide.transposed(0, 1),
        ]
        try SafetensorsWriter.write(tensors, metadata: ["format": "pt", "note": "ü"], to: path)
        let file = try SafetensorsFile(path: path)
        #expect(file.names == tensors.keys.sorted() && file.metadata == ["format": "pt", "note": "ü"])
        for (name, tensor) in tensors {
            let read = try file.tensor(name)
            #expect(read.elementType == type && read.shape == tensor.shape)
            #expect(try read.bytes() == tensor.bytes())
        }
        let again = folder.file("again.safetensors")
        try SafetensorsWriter.write(tensors, metadata: ["note": "ü", "format": "pt"], to: again)
        #expect(FileManager.default.contentsEqual(atPath: path, andPath: again))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2, "no partial file is left")
    }

    @Test("The reference implementation's file is read as it was written")
    func reference() throws {
        let folder = TorchFixtures.folder
        let file = try SafetensorsFile(path: folder + "/reference.safetensors")
        let expected = try JSONValue(readingFile: folder + "/reference.json")
        #expect(file.metadata == ["made by": "safetensors"])
        for entry in try expected.elements("tensors") {
            let tensor = try file.tensor(try #require(entry["name"]?.stringValue))
            #expect(tensor.elementType?.rawValue == entry["type"]?.stringValue)
            #expect(try tensor.shape == entry.integers("shape") && tensor.doubles() == entry.numbers("values"))
        }
        #expect(try file.names.count == expected.elements("tensors").count)
    }

    @Test("Data that begins off the elements' alignment is read all the same")
    func alignment() throws {
        let folder = try TemporaryFolder()
        for padding in 0..<8 {
            let header =
                #"{"x":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"# + String(repeating: " ", count: padding)
            let data = [Float(1.5), -2, 1e-3].flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) }
            let path = try folder.write(safetensors(header, data), to: "x.safetensors")
            let tensor = try SafetensorsFile(path: path).tensor("x")
            #expect(try tensor.floats() == [1.5, -2, 1e-3])
            #expect(try tensor.copied(to: .bfloat16).floats()[0] == 1.5)
        }
    }

    @Test("A tensor keeps its file's memory; the memory goes with the last of them")
    func lifetime() throws {
        let folder = try TemporaryFolder()
        try SafetensorsWriter.write(["x": Tensor.full(7, shape: [9])], to: folder.file("x.safetensors"))
        weak var mapping: MappedFile?
        do {
            var part: Tensor?
            do {
                let file = try SafetensorsFile(path: folder.file("x.safetensors"))
                mapping = file.file
                part = try file.tensor("x").narrowed(0, 3..<5)
                file.forget("x")
            }
            #expect(mapping != nil)
            #expect(try part?.floats() == [7, 7])
            part = nil
        }
        #expect(mapping == nil)
    }

    @Test("A shape that libtorch refuses leaves the file's memory counted right")
    func refusedShape() throws {
        let folder = try TemporaryFolder()
        let huge = 1 << 62
        let header = #"{"x":{"dtype":"F32","shape":[0,\#(huge),\#(huge)],"data_offsets":[0,0]}}"#
        let path = try folder.write(safetensors(header, []), to: "x.safetensors")
        let handles = TorchLibrary.liveHandles
        weak var mapping: MappedFile?
        do {
            let file = try SafetensorsFile(path: path)
            mapping = file.file
            for _ in 0..<5 { _ = try? file.tensor("x") }
            #expect(mapping?.path == path)
        }
        #expect(mapping == nil && TorchLibrary.liveHandles == handles)
    }

    @Test("An unwritable place is an error and leaves nothing behind")
    func unwritable() throws {
        let folder = try TemporaryFolder()
        let tensors = ["x": try Tensor.full(1, shape: [2])]
        #expect(throws: Diagnostic.self) {
            try SafetensorsWriter.write(tensors, to: folder.file("no/such/place.safetensors"))
        }
        try FileManager.default.createDirectory(atPath: folder.file("taken"), withIntermediateDirectories: true)
        #expect(throws: Diagnostic.self) { try SafetensorsWriter.write(tensors, to: folder.file("taken")) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["taken"])
        if FileManager.default.fileExists(atPath: "/dev/full") {
            #expect(throws: Diagnostic.self) { try SafetensorsWriter.write(tensors, to: "/dev/full/x") }
        }
    }
}
