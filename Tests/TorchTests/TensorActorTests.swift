import Foundation
import Testing

@testable import Torch

@Suite struct TensorActorTests {
    @TensorActor private static func thread() -> UInt { UInt(bitPattern: pthread_self().hashValue) }

    @Test("All tensor work runs on one thread, before and after an await")
    func oneThread() async {
        let first = await Self.thread()
        let threads = await withTaskGroup(of: [UInt].self) { group in
            for _ in 0..<50 {
                group.addTask {
                    await Self.acrossAwaits()
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(threads.count == 100 && threads.allSatisfy { $0 == first })
        #expect(UInt(bitPattern: pthread_self().hashValue) != first || Thread.isMainThread == false)
    }

    @TensorActor private static func acrossAwaits() async -> [UInt] {
        let before = thread()
        await Task.yield()
        try? await Task.sleep(for: .milliseconds(1))
        return [before, thread()]
    }

    @Test("Work runs in the order in which it was handed over, and one piece at a time")
    func order() async {
        let order = await TensorActor.run { () -> [Int] in
            var seen: [Int] = []
            for index in 0..<100 { seen.append(index) }
            return seen
        }
        #expect(order == Array(0..<100))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<200 { group.addTask { await Self.bump() } }
        }
        #expect(await Self.count == 200)
    }

    @TensorActor private static var count = 0
    @TensorActor private static func bump() {
        let before = count
        sched_yield()
        count = before + 1
    }

    @Test("An error crosses to the caller as it was thrown")
    func errors() async {
        await #expect(throws: CancellationError.self) {
            try await TensorActor.run { () throws -> Int in throw CancellationError() }
        }
    }
}
