import Diagnostics

/// Names a reward: `kind:source?key=value&…`, `mean:[spec,spec,…]`, or `kind?key=value&…` where the kind says it all.
///
/// ## The grammar
/// ```
/// spec   = kind [ ":" ( source | "[" spec *( "," spec ) "]" ) ] [ "?" key "=" value *( "&" key "=" value ) ]
/// ```
/// `mean`, `min` and `sham` take a list, a few kinds that exist inside a run only take nothing, the others a source. Source and values are percent-encoded where they hold a
/// character that would end them: a source `?`, a value `&`, either of them `%`, and inside a list also `,`, `[` and `]`.
/// A list may be nested, ``maximumDepth`` deep.
///
/// A spec's ``description`` is canonical: keys in alphabetical order, everything encoded that might need it. Specs are equal
/// where their descriptions are the same bytes.
public struct RewardSpec: Sendable {
    public struct Parameter: Sendable, Hashable {
        public var key: String
        public var value: String

        public init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    public let kind: RewardKind
    /// A path or a name, decoded; empty for kinds that take members or nothing.
    public let source: String
    /// Sorted by key, each key once.
    public let parameters: [Parameter]
    /// What an ensemble or a sham is made of; empty for the other kinds.
    public let members: [RewardSpec]

    /// How deep lists may be nested.
    public static let maximumDepth = 16

    /// A spec of a kind that takes a source.
    public init(_ kind: RewardKind, source: String, parameters: [String: String] = [:]) {
        self.init(kind, source: source, members: [], parameters: parameters)
    }

    /// An ensemble.
    public init(_ kind: RewardKind, members: [RewardSpec], parameters: [String: String] = [:]) {
        self.init(kind, source: "", members: members, parameters: parameters)
    }

    init(_ kind: RewardKind, source: String, members: [RewardSpec], parameters: [String: String]) {
        self.kind = kind
        self.source = source
        self.members = members
        self.parameters = parameters.map { Parameter($0.key, $0.value) }.sorted { $0.key < $1.key }
    }

    /// The value of a key, as written; ``ParameterReader`` reads it with its type.
    public subscript(key: String) -> String? { parameters.first { $0.key == key }?.value }

    /// A spec of a kind that takes neither source nor members.
    public init(_ kind: RewardKind, parameters: [String: String] = [:]) {
        self.init(kind, source: "", members: [], parameters: parameters)
    }

    /// Whether this spec or a member has a meaning inside a run only.
    public var needsRun: Bool { kind.needsRun || members.contains(where: \.needsRun) }

    /// Whether scoring needs a model, by this spec or by a member.
    public var needsModel: Bool { kind.needsModel || members.contains(where: \.needsModel) }
}

extension RewardSpec: Hashable {
    public static func == (left: RewardSpec, right: RewardSpec) -> Bool {
        left.description.utf8.elementsEqual(right.description.utf8)
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(description) }
}
