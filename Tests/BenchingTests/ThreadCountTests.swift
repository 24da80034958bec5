import Diagnostics
import Testing

@testable import Benching

struct ThreadCountTests {
    @Test("So many threads that the machine would come to a halt are refused", arguments: [0, -1, 1025, 1_000_000])
    func refused(count: Int) async {
        let error = await diagnostic { try ThreadCount.check(count) }
        #expect(error?.category == .usage)
        #expect(error?.message == "\(count) threads cannot be used")
        #expect(error?.remedy == "Give a number from 1 to 1024, or leave it out")
    }

    @Test("As many threads as any machine has may be asked for")
    func allowed() throws {
        for count in [1, 16, 1024] { try ThreadCount.check(count) }
    }
}
