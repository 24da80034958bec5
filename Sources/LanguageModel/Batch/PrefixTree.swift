import Diagnostics

/// Token sequences merged at their common beginnings, so that what several share is computed once.
///
/// Every unique prefix of the sequences is one row. Rows are numbered depth first, children in the order in which the
/// sequences first take them, so a sequence's rows are a chain of runs and a run's ancestors have smaller numbers.
public struct PrefixTree: Sendable {
    /// A run of rows without a branch inside.
    struct Node: Sendable {
        var tokens: ArraySlice<Int32>
        var parent: Int?
        /// Position of the first token in its sequences.
        var depth: Int
        var children: [Int] = []
        var firstRow = 0
    }

    private struct Edge: Hashable {
        /// `nil`: the root.
        var parent: Int?
        var token: Int32
    }

    private(set) var nodes: [Node] = []
    /// The node in which each sequence ends, and how many of that node's tokens it has.
    private(set) var ends: [(node: Int, length: Int)] = []
    private var roots: [Int] = []
    /// The node that a token leads to, so that thousands of children are no search.
    private var next: [Edge: Int] = [:]
    /// Rows in all: the number of tokens to compute.
    public private(set) var rowCount = 0

    /// - Parameter sequences: token ids, none empty.
    public init(_ sequences: [[Int32]]) {
        for sequence in sequences { insert(sequence) }
        number()
        ends = sequences.map { end(of: $0) }
    }

    /// - Throws: `internalFailure` where a sequence is empty: there is no row to read it from.
    init(checking sequences: [[Int32]]) throws(Diagnostic) {
        if let empty = sequences.firstIndex(where: \.isEmpty) {
            throw Diagnostic(.internalFailure, "sequence \(empty) has no tokens")
        }
        self.init(sequences)
    }

    public var sequenceCount: Int { ends.count }

    private mutating func insert(_ sequence: [Int32]) {
        var rest = sequence[...]
        var parent: Int?
        while let token = rest.first {
            guard let node = child(of: parent, startingWith: token) else {
                append(rest, to: parent)
                return
            }
            let shared = Self.commonPrefix(nodes[node].tokens, rest)
            if shared < nodes[node].tokens.count, shared < rest.count { split(node, after: shared) }
            rest = rest.dropFirst(shared)
            parent = node
        }
    }

    private func child(of parent: Int?, startingWith token: Int32) -> Int? {
        next[Edge(parent: parent, token: token)]
    }

    private mutating func append(_ tokens: ArraySlice<Int32>, to parent: Int?) {
        let depth = parent.map { nodes[$0].depth + nodes[$0].tokens.count } ?? 0
        if let first = tokens.first { next[Edge(parent: parent, token: first)] = nodes.count }
        nodes.append(Node(tokens: tokens, parent: parent, depth: depth))
        if let parent { nodes[parent].children.append(nodes.count - 1) } else { roots.append(nodes.count - 1) }
    }

    /// Cuts a node in two: it keeps its first `length` tokens, a new child takes the rest and the children.
    private mutating func split(_ node: Int, after length: Int) {
        let tail = Node(
            tokens: nodes[node].tokens.dropFirst(length), parent: node, depth: nodes[node].depth + length,
            children: nodes[node].children)
        nodes[node].tokens = nodes[node].tokens.prefix(length)
        nodes[node].children = [nodes.count]
        for child in tail.children {
            nodes[child].parent = nodes.count
            guard let token = nodes[child].tokens.first else { continue }
            next[Edge(parent: node, token: token)] = nil
            next[Edge(parent: nodes.count, token: token)] = child
        }
        if let token = tail.tokens.first { next[Edge(parent: node, token: token)] = nodes.count }
        nodes.append(tail)
    }

    private mutating func number() {
        var pending = Array(roots.reversed())
        while let node = pending.popLast() {
            nodes[node].firstRow = rowCount
            rowCount += nodes[node].tokens.count
            pending += nodes[node].children.reversed()
        }
    }

    private func end(of sequence: [Int32]) -> (node: Int, length: Int) {
        var rest = sequence[...]
        var parent: Int?
        while let token = rest.first, let node = child(of: parent, startingWith: token) {
            let length = min(nodes[node].tokens.count, rest.count)
            rest = rest.dropFirst(length)
            if rest.isEmpty { return (node, length) }
            parent = node
        }
        return (parent ?? 0, 0)
    }

    private static func commonPrefix(_ first: ArraySlice<Int32>, _ second: ArraySlice<Int32>) -> Int {
        zip(first, second).prefix { $0 == $1 }.count
    }
}

extension PrefixTree {
    /// The token of every row.
    public var tokens: [Int32] {
        var tokens = [Int32](repeating: 0, count: rowCount)
        for node in nodes {
            tokens.replaceSubrange(node.firstRow..<node.firstRow + node.tokens.count, with: node.tokens)
        }
        return tokens
    }

    /// The position of every row in its sequences, from 0.
    public var positions: [Int64] {
        var positions = [Int64](repeating: 0, count: rowCount)
        for node in nodes {
            for offset in 0..<node.tokens.count { positions[node.firstRow + offset] = Int64(node.depth + offset) }
        }
        return positions
    }

    /// The row of each token of a sequence, as runs from the root on.
    public func rows(of sequence: Int) -> [Range<Int>] {
        let (node, length) = ends[sequence]
        return ancestors(of: node) + (length > 0 ? [nodes[node].firstRow..<nodes[node].firstRow + length] : [])
    }

    /// The rows before a node's own, from the root on; runs that touch are joined.
    func ancestors(of node: Int) -> [Range<Int>] {
        var path: [Range<Int>] = []
        var current = nodes[node].parent
        while let index = current {
            let rows = nodes[index].firstRow..<nodes[index].firstRow + nodes[index].tokens.count
            if let next = path.last, next.lowerBound == rows.upperBound {
                path[path.count - 1] = rows.lowerBound..<next.upperBound
            } else {
                path.append(rows)
            }
            current = nodes[index].parent
        }
        return path.reversed()
    }

    /// Nodes in the order of their rows.
    var nodesByRow: [Int] { nodes.indices.sorted { nodes[$0].firstRow < nodes[$1].firstRow } }
}
