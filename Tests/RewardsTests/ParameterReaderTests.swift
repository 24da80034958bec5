import Diagnostics
import Rewards
import Testing

@Suite struct ParameterReaderTests {
    private enum Pool: String, CaseIterable { case last, mean }

    private func reader(_ text: String) throws -> ParameterReader { try RewardSpec(parsing: text).parameterReader }

    @Test("Values are read with their types, and absent keys take their defaults")
    func values() throws {
        var given = try reader("explicit:d?b=0.5&n=-3&s=18446744073709551615&f=true&p=mean&t=x")
        #expect(try given.double("b", default: 1, in: .closed(0...1)) == 0.5)
        #expect(try given.integer("n", default: 1) == -3)
        #expect(try given.seed("s", default: 0) == .max)
        #expect(try given.flag("f", default: false))
        #expect(try given.choice("p", default: Pool.last) == .mean)
        #expect(try given.requiredText("t", form: "TEXT") == "x")
        try given.finish()
        var absent = try reader("explicit:d")
        #expect(try absent.double("b", default: 1, in: .positive) == 1)
        #expect(try absent.choice("p", of: Pool.self) == nil)
        #expect(absent.text("t") == nil)
        #expect(absent.keys == ["b", "p", "t"])
        try absent.finish()
    }

    @Test(
        "A number outside its range is refused",
        arguments: [
            ("0", NumberRange.positive, "a number greater than 0"), ("-1", .nonNegative, "a number of at least 0"),
            ("1.5", .closed(0...1), "a number from 0.0 to 1.0"), ("nan", .finite, "a finite number"),
            ("inf", .positive, "a number greater than 0"), ("1e999", .finite, "a finite number"),
            ("half", .finite, "a finite number"),
        ])
    func ranges(text: String, range: NumberRange, description: String) throws {
        var parameters = try reader("explicit:d?beta=\(text)")
        let thrown = #expect(throws: Diagnostic.self) { try parameters.double("beta", default: 0.1, in: range) }
        #expect(
            thrown?.description
                == "reward 'explicit:d?beta=\(text)', key 'beta': '\(text)' should be \(description). "
                + "Write, for example, beta=0.1.")
        #expect(thrown?.category == .usage)
    }

    private func failure(_ body: () throws -> Void) -> Diagnostic? {
        #expect(throws: Diagnostic.self) { try body() }
    }

    @Test("Other values that are wrong say what is right")
    func wrong() throws {
        var parameters = try reader("explicit:d?n=9&s=-1&f=yes&p=laast")
        let errors = [
            failure { _ = try parameters.integer("n", default: 1, in: 0...5) },
            failure { _ = try parameters.seed("s", default: 0) },
            failure { _ = try parameters.flag("f", default: false) },
            failure { _ = try parameters.choice("p", default: Pool.last) },
            failure { _ = try parameters.requiredText("reference", form: "DIR|none") },
        ]
        #expect(
            errors.map { "\($0?.message ?? ""). \($0?.remedy ?? "")" } == [
                "'9' should be an integer from 0 to 5. Write, for example, n=1",
                "'-1' should be an integer from 0 to 18446744073709551615. Write, for example, s=0",
                "'yes' should be true or false. Write f=true, or leave the key out",
                "'laast' is not one of its values. Did you mean 'last'? The values are last, mean",
                "explicit needs the key 'reference'. Add reference=DIR|none",
            ])
    }

    @Test("A key that nobody asked for is an error that lists those that were")
    func unknown() throws {
        var parameters = try reader("explicit:d?pol=last")
        _ = try parameters.choice("pool", default: Pool.last)
        let thrown = #expect(throws: Diagnostic.self) { try parameters.finish() }
        #expect(
            thrown?.description == "reward 'explicit:d?pol=last', key 'pol': explicit takes no key 'pol'. "
                + "Did you mean 'pool'? Its keys are pool.")
        let none = try reader("rule:markdown?unit=words")
        #expect(throws: Diagnostic.self) { try none.finish() }
    }
}
