import JSON

/// What a meter read at a step: one number, how sure it is, and what it rests on.
public struct Reading: Sendable, Hashable {
    /// The meter's name, as docs/METERS.md defines it: `reward.mean`, `kl.exact`.
    public var meter: String
    /// `nil`: could not be read here (missing is not zero).
    public var value: Double?
    public var standardError: Double?
    /// Samples the number rests on; 0 where it is exact.
    public var n: Int
    /// Groups within which those samples hang together, such as prompts, and between which the standard error is taken; where it is
    /// not said, each sample is one.
    public var clusters: Int

    public init(_ meter: String, _ value: Double?, standardError: Double? = nil, n: Int = 0, clusters: Int? = nil) {
        self.meter = meter
        self.value = value.flatMap { $0.isFinite ? $0 : nil }
        self.standardError = standardError.flatMap { $0.isFinite ? $0 : nil }
        self.n = n
        self.clusters = clusters ?? n
    }

    public var isExact: Bool { n == 0 }
}

/// All that was read at one step of a run.
public struct StepReadings: Sendable, Hashable {
    /// Updates made before the reading; 0 is the policy that the run began with.
    public var step: Int
    public var readings: [Reading]

    public init(step: Int, readings: [Reading]) {
        self.step = step
        self.readings = readings
    }

    public subscript(meter: String) -> Reading? { readings.first { $0.meter == meter } }
}

extension Reading {
    /// `[value, standardError, n]` with null for what is not known; `[value, standardError, n, clusters]` where those are not n.
    public var json: JSONValue {
        let known: [JSONValue] = [
            value.map(JSONValue.number) ?? .null, standardError.map(JSONValue.number) ?? .null, .integer(n),
        ]
        return .array(clusters == n ? known : known + [.integer(clusters)])
    }

    public init?(meter: String, json: JSONValue) {
        guard case .array(let parts) = json, (3...4).contains(parts.count), let n = parts[2].intValue else {
            return nil
        }
        let clusters = parts.count == 4 ? parts[3].intValue : n
        guard let clusters else { return nil }
        self.init(meter, parts[0].doubleValue, standardError: parts[1].doubleValue, n: n, clusters: clusters)
    }
}

extension StepReadings {
    /// A map from meters to what ``Reading/json`` says, in the order read.
    public var json: JSONValue {
        var members = JSONObject()
        for reading in readings { members[reading.meter] = reading.json }
        return .object(members)
    }

    public init?(step: Int, json: JSONValue) {
        guard case .object(let members) = json else { return nil }
        var readings: [Reading] = []
        for (meter, value) in members {
            guard let reading = Reading(meter: String(meter), json: value) else { return nil }
            readings.append(reading)
        }
        self.init(step: step, readings: readings)
    }
}
