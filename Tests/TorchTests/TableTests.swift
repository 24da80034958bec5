import CTorch
import Diagnostics
import Testing

@testable import Torch

/// The C interface itself: whatever it is given, it answers with a status and a message, and never with a crash.
@Suite(.serialized, .enabled(if: TorchSetup.isThere, TorchSetup.absence)) @TensorActor struct TableTests {
    private let table: AssayTorchTable
    /// What out-parameters hold before a call; a call that fails must leave it.
    private let sentinel = AssayTensorRef(bitPattern: 0x5EED)

    init() throws { table = try TorchLibrary.table().pointee }

    @Test("The table says its version and size, and every function is there")
    func version() throws {
        #expect(table.version == UInt32(ASSAY_TORCH_TABLE_VERSION))
        #expect(table.size == UInt32(MemoryLayout<AssayTorchTable>.size))
        let words = MemoryLayout<AssayTorchTable>.size / MemoryLayout<UInt>.size
        withUnsafeBytes(of: table) { bytes in
            for word in 1..<words { #expect(bytes.load(fromByteOffset: word * 8, as: UInt.self) != 0, "entry \(word)") }
        }
        #expect(try TorchLibrary.version().hasPrefix("2.") && !TorchLibrary.cpuCapability().isEmpty)
        #expect(try TorchLibrary.cudaDeviceCount() >= 0 && TorchLibrary.threads() >= 1)
        for count in [Int.min, 0, 1025, 1_000_000, .max] {
            let error = try #require(throws: Diagnostic.self) { try TorchLibrary.setThreads(count) }
            #expect(error.category == .usage && error.message.hasPrefix("\(count) threads"))
        }
        for count in [0, -1, 1025, .max] as [Int32] {
            #expect(table.set_threads(count) == AssayStatus(ASSAY_BAD_ARGUMENT))
        }
    }

    /// Makes the call, which must fail, leave its out-parameter alone, say why and leave no handle behind.
    private func expectFailure(
        _ what: String, says: String = "", sourceLocation: SourceLocation = #_sourceLocation,
        _ call: (UnsafeMutablePointer<AssayTensorRef?>) -> AssayStatus
    ) {
        let handles = table.live_handles()
        var out = sentinel
        let status = call(&out)
        let message = table.last_error().map { String(cString: $0) } ?? ""
        #expect(status != AssayStatus(ASSAY_OK), "\(what)", sourceLocation: sourceLocation)
        #expect(out == sentinel, "\(what) touched its result", sourceLocation: sourceLocation)
        #expect(!message.isEmpty && !message.contains("0x"), "\(what): \(message)", sourceLocation: sourceLocation)
        #expect(message.contains(says), "\(what): \(message)", sourceLocation: sourceLocation)
        #expect(table.live_handles() == handles, "\(what) left a handle", sourceLocation: sourceLocation)
    }

    @Test("A missing tensor is a bad argument, for every operation")
    func missingTensors() throws {
        let x = try Tensor.full(1, shape: [2, 2])
        let numbers: [Int64] = [0]
        let calls: [(String, (UnsafeMutablePointer<AssayTensorRef?>) -> AssayStatus)] = [
            ("reshape", { table.reshape(nil, numbers, 1, $0) }), ("transpose", { table.transpose(nil, 0, 1, $0) }),
            ("narrow", { table.narrow(nil, 0, 0, 1, $0) }), ("index_rows", { table.index_rows(nil, numbers, 1, $0) }),
            ("convert", { table.convert(nil, 0, "cpu", 0, $0) }), ("contiguous", { table.contiguous(nil, $0) }),
            ("concatenate", { table.concatenate([nil], 1, 0, $0) }),
            ("unary", { table.unary(0, nil, $0) }), ("binary", { table.binary(0, x.handle, nil, $0) }),
            ("affine", { table.affine(nil, 1, 1, $0) }), ("clamp", { table.clamp(nil, 0, 1, $0) }),
            ("reduce", { table.reduce(0, nil, 0, 0, $0) }), ("matmul", { table.matmul(nil, x.handle, $0) }),
            ("gather_columns", { table.gather_columns(nil, numbers, 1, $0) }),
            ("embedding", { table.embedding(nil, numbers, 1, $0) }),
            ("pack_linear", { table.pack_linear(nil, 1, $0) }),
            ("linear", { table.linear(x.handle, nil, 0, nil, 0, nil, $0) }),
            ("rms_norm", { table.rms_norm(x.handle, nil, 1, 0, $0) }),
            ("layer_norm", { table.layer_norm(nil, x.handle, nil, 1, $0) }),
            ("rotate", { table.rotate(x.handle, nil, x.handle, numbers, 1, $0) }),
            ("detach", { table.detach(nil, $0) }), ("gradient", { table.gradient(nil, $0) }),
            ("backward", { _ in table.backward(nil) }), ("clear_gradient", { _ in table.clear_gradient(nil) }),
            ("set_requires_grad", { _ in table.set_requires_grad(nil, 1) }),
            ("write_rows", { _ in table.write_rows(x.handle, numbers, 1, nil) }),
        ]
        for (name, call) in calls { expectFailure(name, says: "a tensor is missing", call) }
        #expect(table.rank(nil) == 0 && table.extent(nil, 0) == 0 && table.dtype(nil) == -1)
        #expect(table.extent(x.handle, 2) == 0 && table.extent(x.handle, -1) == 0)
        table.release(nil)
    }

    @Test("Wrong types, devices, ranks and sizes are refused when a tensor is made")
    func making() {
        let shape: [Int64] = [2, -1]
        let four = [Float](repeating: 0, count: 4)
        expectFailure("dtype", says: "unknown element type 99") { table.full(0, [2], 1, 99, "cpu", $0) }
        expectFailure("device") { table.full(0, [2], 1, 0, "toaster", $0) }
        expectFailure("device with no name") { table.full(0, [2], 1, 0, nil, $0) }
        expectFailure("device that is not there") { table.full(0, [2], 1, 0, "cuda:77", $0) }
        expectFailure("negative extent") { table.full(0, shape, 2, 0, "cpu", $0) }
        expectFailure("negative rank") { table.full(0, [2], -1, 0, "cpu", $0) }
        expectFailure("negative rank, from bytes") { table.from_bytes(four, [2], -5, 0, "cpu", $0) }
        expectFailure("negative extent, from bytes") { table.from_bytes(four, shape, 2, 0, "cpu", $0) }
        expectFailure("extents beyond counting") { table.empty([1 << 40, 1 << 40], 2, 0, "cpu", $0) }
        expectFailure("negative extent, random") { table.random(1, 0, shape, 2, 0, "cpu", $0) }
        var released = 0
        withUnsafeMutablePointer(to: &released) { owner in
            expectFailure("borrowing a negative extent") { out in
                table.borrow(
                    nil, shape, 2, 0,
                    { $0?.assumingMemoryBound(to: Int.self).pointee += 1 }, owner, out)
            }
        }
        #expect(released == 0, "what failed leaves the owner to the caller")
    }

    @Test("More memory than there is, is said to be that")
    func memory() {
        expectFailure("2^50 floats") { out in
            let status = table.empty([1 << 50], 1, 0, "cpu", out)
            #expect(status == AssayStatus(ASSAY_OUT_OF_MEMORY))
            return status
        }
        let error = #expect(throws: Diagnostic.self) { try Tensor.empty(shape: [1 << 50]) }
        #expect(error?.category == .unavailable && error?.message.hasPrefix("out of memory") == true)
    }

    @Test("Shapes that do not fit are refused")
    func shapes() throws {
        let x = try Tensor.full(1, shape: [2, 3])
        let cube = try Tensor.full(1, shape: [2, 3, 4])
        expectFailure("reshape") { table.reshape(x.handle, [4], 1, $0) }
        expectFailure("reshape to a negative rank") { table.reshape(x.handle, [4], -1, $0) }
        expectFailure("transpose") { table.transpose(x.handle, 0, 5, $0) }
        for (start, length) in [(0, 4), (3, 1), (-9, 1), (0, -1), (.max, .max)] as [(Int64, Int64)] {
            expectFailure("narrow \(start) \(length)") { table.narrow(x.handle, 0, start, length, $0) }
        }
        for row in [2, -1, .max] as [Int64] {
            expectFailure("row \(row)") { table.index_rows(x.handle, [row], 1, $0) }
            expectFailure("embedding \(row)") { table.embedding(x.handle, [row], 1, $0) }
        }
        expectFailure("rows, a negative number") { table.index_rows(x.handle, [0], -1, $0) }
        expectFailure("columns") { table.gather_columns(x.handle, [0, 3], 2, $0) }
        expectFailure("too many columns") { table.gather_columns(x.handle, [0, 0, 0], 3, $0) }
        expectFailure("concatenate") { table.concatenate([x.handle, cube.handle], 2, 0, $0) }
        expectFailure("concatenate nothing") { table.concatenate([], 0, 0, $0) }
        expectFailure("add") { table.binary(0, x.handle, cube.handle, $0) }
        expectFailure("product") { table.matmul(x.handle, x.handle, $0) }
        expectFailure("reduce") { table.reduce(0, x.handle, 2, 0, $0) }
        expectFailure("function 99") { table.unary(99, x.handle, $0) }
        expectFailure("function of two 99") { table.binary(99, x.handle, x.handle, $0) }
        expectFailure("reduction 99") { table.reduce(99, x.handle, 0, 0, $0) }
        var buffer = [Float](repeating: 7, count: 5)
        expectFailure("reading into a smaller buffer") { _ in table.read(x.handle, 0, &buffer, 5) }
        #expect(buffer == [7, 7, 7, 7, 7])
        expectFailure("rows to write") { _ in table.write_rows(x.handle, [0, 1, 2], 3, cube.handle) }
        expectFailure("a negative number of rows to write") { _ in table.write_rows(x.handle, [0], -1, x.handle) }
    }

    @Test("Layers refuse weights, norms and positions that do not fit")
    func layers() throws {
        let x = try Tensor.full(1, shape: [3, 4])
        let weight = try Tensor.full(1, shape: [5, 4])
        let wrong = try Tensor.full(1, shape: [5, 7])
        let packed = try LinearWeight.packing(weight, rows: 8, device: .cpu)
        let isPacked: Int32 = packed.isPacked ? 1 : 0
        let other = try Tensor.full(1, shape: [2, 5])
        let bias = try Tensor.full(1, shape: [3])
        expectFailure("linear") { table.linear(x.handle, wrong.handle, 0, nil, 0, nil, $0) }
        expectFailure("linear, half precision") { out in
            let half = try? x.converted(to: .bfloat16)
            return table.linear(half?.handle, weight.handle, 0, nil, 0, nil, out)
        }
        expectFailure("packed, another width") { out in
            let narrow = try? Tensor.full(1, shape: [3, 3])
            return table.linear(narrow?.handle, packed.tensor.handle, isPacked, nil, 0, nil, out)
        }
        expectFailure("packed, half precision") { out in
            let half = try? x.converted(to: .bfloat16)
            return table.linear(half?.handle, packed.tensor.handle, isPacked, nil, 0, nil, out)
        }
        for flag in Set([0, isPacked]) {
            let weight = flag == 1 ? packed.tensor : weight
            expectFailure("bias") { table.linear(x.handle, weight.handle, flag, bias.handle, 0, nil, $0) }
            for epilogue in [ASSAY_EPILOGUE_ADD, ASSAY_EPILOGUE_MULTIPLY].map({ AssayEpilogue($0) }) {
                expectFailure("operand") {
                    table.linear(x.handle, weight.handle, flag, nil, epilogue, other.handle, $0)
                }
                expectFailure("no operand", says: "second tensor") {
                    table.linear(x.handle, weight.handle, flag, nil, epilogue, nil, $0)
                }
            }
            expectFailure("epilogue 99") { table.linear(x.handle, weight.handle, flag, nil, 99, nil, $0) }
        }
        expectFailure("rms_norm", says: "does not fit") { table.rms_norm(x.handle, bias.handle, 1e-5, 0, $0) }
        expectFailure("rms_norm of a number") { out in
            let number = try? Tensor.full(1, shape: [])
            return table.rms_norm(number?.handle, number?.handle, 1e-5, 0, out)
        }
        expectFailure("layer_norm") { table.layer_norm(x.handle, bias.handle, nil, 1e-5, $0) }
        expectFailure("packing a cube") { out in
            let cube = try? Tensor.full(1, shape: [2, 2, 2])
            return table.pack_linear(cube?.handle, 8, out)
        }
    }

    @Test("Rotary tables and positions that do not fit are refused")
    func rotary() throws {
        let x = try Tensor.full(1, shape: [2, 3, 8])
        let angles = try Tensor.full(1, shape: [10, 4])
        func expect(_ what: String, _ x: Tensor, _ cosines: Tensor, _ sines: Tensor, _ positions: [Int64]) {
            expectFailure(what) {
                table.rotate(x.handle, cosines.handle, sines.handle, positions, Int64(positions.count), $0)
            }
        }
        expect("positions", x, angles, angles, [0])
        expect("a position beyond", x, angles, angles, [0, 10])
        expect("a position before", x, angles, angles, [-1, 0])
        expect("flat", try x.reshaped([6, 8]), angles, angles, [0, 1])
        let wide = try Tensor.full(1, shape: [10, 5])
        expect("wide", x, wide, wide, [0, 1])
        expect("fewer sines", x, angles, try Tensor.full(1, shape: [4, 4]), [0, 9])
        expect("narrow sines", x, angles, try Tensor.full(1, shape: [10, 1]), [0, 9])
        expect("half precision", x, try angles.converted(to: .bfloat16), try angles.converted(to: .bfloat16), [0, 1])
        let flat = try Tensor.full(1, shape: [40])
        expect("flat tables", x, flat, flat, [0, 1])
        let strided = try Tensor.mixed(1, [4, 10]).transposed(0, 1)
        let dense = try Tensor.holding(strided.floats(), [10, 4])
        let got = try x.rotated(cosines: strided, sines: strided, positions: [3, 9]).doubles()
        #expect(try got == x.rotated(cosines: dense, sines: dense, positions: [3, 9]).doubles())
    }

    @Test("Token logits refuse targets outside the rows or the vocabulary, and leave the results alone")
    func tokenLogits() throws {
        let hidden = try Tensor.full(1, shape: [3, 4])
        let weight = try Tensor.full(1, shape: [6, 4])
        var chosen = [Double](repeating: 5, count: 2)
        var sums = [Double](repeating: 5, count: 3)
        for (rows, tokens) in [
            ([0, 3], [1, 1]), ([0, -1], [1, 1]), ([2, 1], [1, 1]), ([0, 1], [6, 1]), ([0, 1], [0, -1]),
        ]
            as [([Int64], [Int64])]
        {
            expectFailure("targets \(rows) \(tokens)") { _ in
                table.token_logits(hidden.handle, weight.handle, 0, rows, tokens, 2, 0, 1, &chosen, &sums)
            }
        }
        let wrong = try Tensor.full(1, shape: [6, 5])
        expectFailure("width") { _ in
            table.token_logits(hidden.handle, wrong.handle, 0, [0, 1], [0, 1], 2, 0, 1, &chosen, &sums)
        }
        let number = try Tensor.full(1, shape: [])
        expectFailure("a number") { _ in
            table.token_logits(number.handle, weight.handle, 0, [0, 0], [0, 1], 2, 0, 1, &chosen, &sums)
        }
        #expect(chosen == [5, 5] && sums == [5, 5, 5])
    }

    @Test("Attention refuses segments that lie outside what there is")
    func attention() throws {
        let q = try Tensor.full(1, shape: [4, 4, 8])
        let k = try Tensor.full(1, shape: [4, 2, 8])
        let cache = try Tensor.full(1, shape: [6, 2, 8])
        let all = AssayRowRange(source: 0, start: 0, length: 4)
        let whole = AssaySegment(start: 0, length: 4, keys_begin: 0, keys_end: 1)
        func expect(
            _ what: String, q: Tensor = q, k: Tensor = k, v: Tensor = k, cache: (Tensor?, Tensor?) = (nil, nil),
            segment: AssaySegment = whole, range: AssayRowRange = all, heads: Int64 = 4, kvHeads: Int64 = 2,
            width: Int64 = 8, window: Int64 = 0, cap: Double = 0
        ) {
            var settings = AssayAttention(
                scale: 1, soft_cap: cap, window: window, heads: heads, kv_heads: kvHeads, head_width: width)
            expectFailure(what) {
                table.attention(
                    q.handle, k.handle, v.handle, cache.0?.handle, cache.1?.handle, [segment], 1, [range], 1, &settings,
                    $0)
            }
        }
        expect("heads", heads: 3)
        expect("no key heads", kvHeads: 0)
        expect("negative key heads", kvHeads: -2)
        expect("width", width: 4)
        expect("queries", q: try q.reshaped([4, 32]))
        expect("fewer values than keys", v: try Tensor.full(1, shape: [3, 2, 8]))
        expect("values of another type", v: try k.converted(to: .bfloat16))
        func segment(_ start: Int64, _ length: Int64, _ begin: Int64, _ end: Int64) -> AssaySegment {
            AssaySegment(start: start, length: length, keys_begin: begin, keys_end: end)
        }
        expect("queries beyond", segment: segment(2, 3, 0, 1))
        expect("queries before", segment: segment(-7, 2, 0, 1))
        expect("a negative number of queries", segment: segment(0, -1, 0, 1))
        expect("no keys", segment: segment(0, 4, 0, 0))
        expect("keys beyond the list", segment: segment(0, 4, 0, 2))
        expect("keys before the list", segment: segment(0, 4, -1, 1))
        expect("a list that ends before it begins", segment: segment(0, 4, 1, 0))
        func range(_ source: Int64, _ start: Int64, _ length: Int64) -> AssayRowRange {
            AssayRowRange(source: source, start: start, length: length)
        }
        expect("no cache", range: range(1, 0, 4))
        expect("half a cache", cache: (cache, nil), range: range(1, 0, 4))
        expect("a third source", cache: (cache, cache), range: range(2, 0, 4))
        expect("a negative source", cache: (cache, cache), range: range(-1, 0, 4))
        expect("keys beyond", range: range(0, 1, 4))
        expect("cached keys beyond", cache: (cache, cache), range: range(1, 3, 4))
        expect("a negative number of keys", range: range(0, 0, -1))
        expect("fewer keys than queries", range: range(0, 0, 3))
        expect("a cache of another shape", cache: (q, q), range: range(1, 0, 4))
        expect("a cache of another width", cache: (try Tensor.full(1, shape: [6, 2, 4]), cache), range: range(1, 0, 4))
    }

    /// A method rather than a function within the test, which an optimised build does not take to be on the actor.
    private func expectAdamWFailure(_ what: String, _ p: Tensor, _ gradient: Tensor?, _ first: Tensor, _ second: Tensor)
    {
        var settings = AssayAdamW(learning_rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weight_decay: 0)
        expectFailure(what) { _ in
            table.adamw([p.handle], [gradient?.handle], [first.handle], [second.handle], 1, 1, &settings)
        }
    }

    @Test("AdamW refuses parameters, gradients and moments that do not fit")
    func adamW() throws {
        let p = try Tensor.full(1, shape: [4])
        let short = try Tensor.full(1, shape: [2])
        let zero = try Tensor.zeros(shape: [4])
        expectAdamWFailure("no gradient", p, nil, zero, zero)
        expectAdamWFailure("a shorter gradient", p, short, zero, zero)
        expectAdamWFailure("a shorter first moment", p, zero, short, zero)
        expectAdamWFailure("a shorter second moment", p, zero, zero, short)
        #expect(try p.doubles() == [1, 1, 1, 1])
    }

    @Test("An error's text is the last one of its own thread")
    func messages() async throws {
        expectFailure("first", says: "unknown element type 99") { table.full(0, [2], 1, 99, "cpu", $0) }
        expectFailure("second", says: "unknown element type 98") { table.full(0, [2], 1, 98, "cpu", $0) }
        let lastError = table.last_error
        let elsewhere = await Task.detached { lastError.flatMap { $0().map { String(cString: $0) } } ?? "" }.value
        #expect(elsewhere.isEmpty)
    }

    @Test("A failed operation becomes one line that names libtorch")
    func diagnostics() throws {
        let x = try Tensor.full(1, shape: [2, 3])
        let error = try #require(throws: Diagnostic.self) { try x.matrixProduct(x) }
        #expect(error.category == .internalFailure && error.message.hasPrefix("libtorch: "))
        #expect(!error.message.contains("\n") && error.message.contains("2x3"))
    }
}
