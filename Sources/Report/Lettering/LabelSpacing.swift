/// Labels in a column, each as near as possible to where it belongs, none upon another.
struct LabelSpacing {
    /// The middles of the labels, in the order given.
    let places: [Double]

    /// - Parameters:
    ///   - wanted: where the middles belong.
    ///   - heights: how much room each takes.
    ///   - range: where they may stand; where they do not fit, they go beyond its end.
    init(wanted: [Double], heights: [Double], range: ClosedRange<Double>) {
        let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
        var stacks: [Stack] = []
        for index in order {
            stacks.append(Stack(wanted: wanted[index], height: heights[index], index: index, range: range))
            while stacks.count > 1, stacks[stacks.count - 2].bottom > stacks[stacks.count - 1].top {
                let lower = stacks.removeLast()
                stacks[stacks.count - 1].join(lower, range)
            }
        }
        var places = wanted
        for stack in stacks {
            var top = stack.top
            for index in stack.members {
                places[index] = top + heights[index] / 2
                top += heights[index]
            }
        }
        self.places = places
    }

    /// Labels that touch; it stands where its members would on average.
    private struct Stack {
        var members: [Int]
        var height: Double
        /// The sum over members of where the stack's top belongs for each.
        private var tops: Double
        var top: Double

        var bottom: Double { top + height }

        init(wanted: Double, height: Double, index: Int, range: ClosedRange<Double>) {
            members = [index]
            self.height = height
            tops = wanted - height / 2
            top = 0
            settle(range)
        }

        mutating func join(_ other: Stack, _ range: ClosedRange<Double>) {
            tops += other.tops - Double(other.members.count) * height
            height += other.height
            members += other.members
            settle(range)
        }

        private mutating func settle(_ range: ClosedRange<Double>) {
            let average = tops / Double(members.count)
            top = max(range.lowerBound, min(average, range.upperBound - height))
        }
    }
}
