import Diagnostics

/// A finite group whose elements are numbered from 0; 0 is the identity.
public struct FiniteGroup: Sendable {
    /// Which group.
    public enum Kind: String, Sendable, CaseIterable {
        /// Integers modulo n under addition.
        case cyclic
        /// Permutations of n things.
        case symmetric
        /// Even permutations of n things.
        case alternating
    }

    /// How elements are written: an integer, or a permutation's one-line form (`213`).
    public let names: [String]
    /// The product of i and j at i·count + j.
    private let products: [Int32]

    /// The largest degree: of a cyclic group its order, of the others the things that are permuted.
    public static func maximumDegree(of kind: Kind) -> Int { kind == .cyclic ? 1024 : 6 }

    /// - Precondition: the degree is at least 1 (3 for an alternating group, whose smaller ones are trivial) and at most
    ///   ``maximumDegree(of:)``.
    public init(_ kind: Kind, degree: Int) {
        switch kind {
        case .cyclic:
            self.init(
                names: (0..<degree).map { String($0) },
                products: (0..<degree * degree).map { Int32(($0 / degree + $0 % degree) % degree) })
        case .symmetric: self.init(permutations: Self.permutations(degree))
        case .alternating: self.init(permutations: Self.permutations(degree).filter(Self.isEven))
        }
    }

    private init(names: [String], products: [Int32]) {
        self.names = names
        self.products = products
    }

    private init(permutations: [[Int]]) {
        var index: [[Int]: Int32] = [:]
        for (number, permutation) in permutations.enumerated() { index[permutation] = Int32(number) }
        names = permutations.map { $0.map { String($0 + 1) }.joined() }
        products = permutations.flatMap { first in
            permutations.map { second in index[first.map { second[$0] }] ?? 0 }
        }
    }

    public var count: Int { names.count }

    /// The product of two elements; of permutations, the left one acts first: (a·b)(i) = b(a(i)).
    public func product(_ left: Int32, _ right: Int32) -> Int32 { products[Int(left) * count + Int(right)] }

    /// x₁·x₂, (x₁·x₂)·x₃, …: one fewer than there are elements.
    public func partialProducts(_ elements: some Sequence<Int32>) -> [Int32] {
        var iterator = elements.makeIterator()
        guard var product = iterator.next() else { return [] }
        var products: [Int32] = []
        while let next = iterator.next() {
            product = self.product(product, next)
            products.append(product)
        }
        return products
    }

    /// In lexicographic order, so the identity comes first.
    private static func permutations(_ degree: Int) -> [[Int]] {
        var partial: [[Int]] = [[]]
        for _ in 0..<degree {
            partial = partial.flatMap { start in
                (0..<degree).filter { !start.contains($0) }.map { start + [$0] }
            }
        }
        return partial
    }

    private static func isEven(_ permutation: [Int]) -> Bool {
        var inversions = 0
        for (place, value) in permutation.enumerated() {
            inversions += permutation[..<place].count { $0 > value }
        }
        return inversions.isMultiple(of: 2)
    }
}
