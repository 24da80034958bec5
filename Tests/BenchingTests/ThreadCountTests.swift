import Diagnostics
import Testing

@testable import Benching

struct ThreadCountTests {
    @Test("So many threads that the machine would come to a halt are refused", arguments: [0, -1, 129, 1_000_000])
    func refused(count: Int) async {
        let error = await diagnostic { try ThreadCount.check(count, cores: 32) }
        #expect(error?.category == .usage)
        #expect(error?.message == "\(count) threads cannot be used on 32 cores")
        #expect(error?.remedy == "Give a number from 1 to 128, or leave it out")
    }

    @Test("A few more threads than cores may be used, on small machines too")
    func allowed() throws {
        for (count, cores) in [(1, 1), (16, 1), (2, 2), (128, 32)] { try ThreadCount.check(count, cores: cores) }
    }
}
