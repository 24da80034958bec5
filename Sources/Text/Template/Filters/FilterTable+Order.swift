import Diagnostics

/// The filters that compare elements.
extension FilterTable {
    static let orderFilters: [String: NativeFunction] = [
        "dictsort": NativeFunction(["case_sensitive", "by", "reverse"], sortDictionary),
        "max": NativeFunction(["case_sensitive", "attribute"]) { (call) throws(Diagnostic) in
            try extreme(call) { (best, key) throws(Diagnostic) in try best.isLess(than: key, call.budget) }
        },
        "min": NativeFunction(["case_sensitive", "attribute"]) { (call) throws(Diagnostic) in
            try extreme(call) { (best, key) throws(Diagnostic) in try key.isLess(than: best, call.budget) }
        },
        "sort": NativeFunction(["reverse", "case_sensitive", "attribute"], sort),
        "unique": NativeFunction(["case_sensitive", "attribute"], unique),
    ]

    /// What a value is compared by: without regard to case unless that is asked for.
    private static func key(
        _ value: TemplateValue, isCaseSensitive: Bool, _ budget: TemplateBudget
    ) throws(Diagnostic) -> TemplateValue {
        guard !isCaseSensitive, case .string(let string) = value else { return value }
        try budget.spend(steps: string.weight, bytes: string.text.utf8.count)
        return .string(string.text.pythonLowercased)
    }

    /// Sorts members by keys that are lists, as Python does: equal parts are never asked which comes first.
    private static func sorted(
        _ members: [(keys: [TemplateValue], value: TemplateValue)], isReversed: Bool, _ budget: TemplateBudget
    ) throws(Diagnostic) -> [TemplateValue] {
        let sorted = try members.sorted(budget) { (left, right) throws(Diagnostic) in
            // A reversed sort keeps the order of equal members, so the predicate is mirrored, not the result.
            let (first, second) = isReversed ? (right, left) : (left, right)
            return try TemplateValue.isLess(first.keys, second.keys, budget)
        }
        return sorted.map(\.value)
    }

    private static func sort(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let isCaseSensitive = call.flag(1)
        let paths = try attributePaths(call[2])
        var members: [(keys: [TemplateValue], value: TemplateValue)] = []
        for value in try call.subject.elements(call.budget) {
            var keys: [TemplateValue] = []
            for path in paths {
                keys.append(
                    try key(try path.value(of: value, call.budget), isCaseSensitive: isCaseSensitive, call.budget))
            }
            members.append((keys, value))
        }
        return .list(try TemplateElements(try sorted(members, isReversed: call.flag(0), call.budget)))
    }

    /// Several attributes may be given, separated by commas.
    private static func attributePaths(_ attribute: TemplateValue?) throws(Diagnostic) -> [AttributePath] {
        guard case .string(let text) = attribute else { return [try AttributePath(attribute)] }
        var paths: [AttributePath] = []
        for part in text.split(at: TemplateString(","), limit: .max, isFromEnd: false) ?? [] {
            paths.append(try AttributePath(.string(part)))
        }
        return paths
    }

    private static func sortDictionary(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let part = call[1] == nil ? "key" : try call.text(1)
        guard part == "key" || part == "value" else { throw .template("'dictsort' sorts by 'key' or by 'value'") }
        guard case .dictionary(let dictionary) = call.subject else { throw call.mismatch(call.subject, "a dictionary") }
        var members: [(key: TemplateValue, value: TemplateValue)] = []
        for (member, pair) in zip(dictionary.members, try dictionary.pairs()) {
            let value = part == "key" ? member.key : member.value
            members.append((try key(value, isCaseSensitive: call.flag(0), call.budget), pair))
        }
        let sorted = try members.sorted(call.budget) { (left, right) throws(Diagnostic) in
            let (first, second) = call.flag(2) ? (right, left) : (left, right)
            return try first.key.isLess(than: second.key, call.budget)
        }
        return .list(try TemplateElements(sorted.map(\.value)))
    }

    private static func unique(_ call: NativeCall) throws(Diagnostic) -> TemplateValue {
        let path = try AttributePath(call[1])
        let (source, budget, isCaseSensitive) = (try call.subject.requireIterator(), call.budget, call.flag(0))
        var seen: Set<TemplateValue> = []
        return .iterator(
            try TemplateIterator(over: [call.subject]) { () throws(Diagnostic) in
                while let value = try source.next() {
                    let key = try key(try path.value(of: value, budget), isCaseSensitive: isCaseSensitive, budget)
                    try key.requireHashable()
                    try budget.spend(steps: key.measure.weight)
                    if seen.insert(key).inserted { return value }
                }
                return nil
            })
    }

    /// The element whose key comes before, or after, those of all others; of equals the first.
    private static func extreme(
        _ call: NativeCall, isBetter: (TemplateValue, TemplateValue) throws(Diagnostic) -> Bool
    ) throws(Diagnostic) -> TemplateValue {
        let path = try AttributePath(call[1])
        var best: (key: TemplateValue, value: TemplateValue)?
        for value in try call.subject.elements(call.budget) {
            let key = try key(try path.value(of: value, call.budget), isCaseSensitive: call.flag(0), call.budget)
            guard let current = best else {
                best = (key, value)
                continue
            }
            if try isBetter(current.key, key) { best = (key, value) }
        }
        return best?.value ?? .undefined(.because("there is no smallest or largest item in an empty sequence"))
    }
}
