import Diagnostics

extension TemplateRenderer {
    func run(_ loop: ForLoop, in scope: Scope) throws(Diagnostic) {
        try run(loop, over: try evaluate(loop.sequence, in: scope), depth: 0, in: scope)
    }

    /// Runs a loop over a sequence; a recursive loop comes here again from its body.
    func run(_ loop: ForLoop, over sequence: TemplateValue, depth: Int, in scope: Scope) throws(Diagnostic) {
        let iterator = try elements(of: sequence, for: loop, in: scope)
        // Where a filter stands between, the length is not known beforehand.
        let length = loop.filter == nil ? sequence.length : nil
        let context = try LoopContext(iterator, length: length, depth: depth, budget)
        if loop.isRecursive {
            context.recurse = { [unowned self] (value) throws(Diagnostic) in
                try self.nested { () throws(Diagnostic) in
                    try self.capture { () throws(Diagnostic) in
                        try self.run(loop, over: value, depth: depth + 1, in: scope)
                    }.text
                }
            }
        }
        let completedAny = try iterate(loop, context, in: scope)
        if !completedAny, let otherwise = loop.otherwise {
            _ = try execute(otherwise.statements, in: newScope(otherwise.scope, in: scope))
        }
    }

    /// Runs the body for each element.
    ///
    /// - Returns: whether the body came to its end at least once; where a jump left it each time, the `else` branch runs.
    private func iterate(_ loop: ForLoop, _ context: LoopContext, in scope: Scope) throws(Diagnostic) -> Bool {
        let loopName = template.names.find("loop")
        var completedAny = false
        while let value = try context.advance() {
            try budget.spend(steps: 1)
            let inner = newScope(loop.body.scope, in: scope)
            if let loopName { inner.assign(.object(context), to: loopName) }
            try assign(value, to: loop.target, in: inner)
            let flow = try execute(loop.body.statements, in: inner)
            if flow == .breaksLoop { break }
            if flow == .normal { completedAny = true }
        }
        return completedAny
    }

    private func elements(
        of sequence: TemplateValue, for loop: ForLoop, in scope: Scope
    ) throws(Diagnostic) -> TemplateIterator {
        try budget.spend(steps: sequence.readingWeight)
        let iterator = try sequence.requireIterator()
        guard let filter = loop.filter else { return iterator }
        let inner = newScope(filter.scope, in: scope)
        return try TemplateIterator(over: [sequence]) { [unowned self] () throws(Diagnostic) in
            while let value = try iterator.next() {
                try self.budget.spend(steps: 1)
                try self.assign(value, to: loop.target, in: inner)
                if try self.evaluate(filter.test, in: inner).isTrue { return value }
            }
            return nil
        }
    }
}
