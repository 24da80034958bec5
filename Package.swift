// swift-tools-version: 6.1
import PackageDescription

// The house: a target may import only targets on lower floors (docs/design/house.md).
let package = Package(
    name: "assay",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "assay", targets: ["AssayCommand"]),
        .library(
            name: "Assay",
            targets: [
                "Diagnostics", "JSON", "Text", "Statistics", "Torch", "Ledger", "HTTPProxy", "LanguageModel",
                "Experiment",
                "Rewards",
                "Suites", "Benching", "Training", "Worlds", "Regimes", "Studies", "Credit", "Report", "Serving",
            ]),
    ],
    dependencies: [
        // The command line: parsing, help, shell completion.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        // Ordered dictionaries: a chat template prints an object's keys in the order in which they were written.
        .package(url: "https://github.com/apple/swift-collections", from: "1.1.0"),
        // HTTP as a client, for the proxy and for rewards over HTTP: connection pools, TLS, deadlines, streamed bodies.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.25.0"),
        // SHA-256 of checkpoints, data and settings.
        .package(url: "https://github.com/apple/swift-crypto", "3.0.0"..<"5.0.0"),
        // The ledger: SQLite with migrations, transactions and typed rows.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.0.0"),
        // Sockets, buffers, and HTTP/1.1 as a server: the proxy that records.
        .package(url: "https://github.com/apple/swift-nio", from: "2.81.0"),
        // Elementary and special functions (exp, log, gamma) on every platform.
        .package(url: "https://github.com/apple/swift-numerics", from: "1.0.0"),
        // The server: HTTP/1.1, routing, and the same requests in process and over a socket for its tests.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.16.0"),
        // What the server's parts speak of: header fields, a logger that says nothing, and stopping in good order.
        .package(url: "https://github.com/apple/swift-http-types", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
        // Study files: YAML, with the line of every node for errors.
        .package(url: "https://github.com/jpsim/Yams", "5.0.0"..<"7.0.0"),
    ],
    targets: [
        // The ground under the house: what every room needs to speak of errors and to read text.
        .target(name: "Diagnostics"),
        .target(
            name: "JSON",
            dependencies: ["Diagnostics", .product(name: "OrderedCollections", package: "swift-collections")]),
        // Files that people write: studies, workflows, planted systems.
        .target(name: "YAML", dependencies: ["Diagnostics", "JSON", "Yams"]),

        // Floor 0
        .systemLibrary(
            name: "CPCRE2", pkgConfig: "libpcre2-8",
            providers: [.apt(["libpcre2-dev"]), .brew(["pcre2"])]),
        .target(
            name: "Text",
            dependencies: [
                "CPCRE2", "Diagnostics", "JSON", .product(name: "OrderedCollections", package: "swift-collections"),
            ]),
        .target(
            name: "Statistics",
            dependencies: ["Diagnostics", .product(name: "RealModule", package: "swift-numerics")]),
        .target(name: "CTorch"),
        // Children in namespaces of their own: between clone and exec only system calls may be made, so this is C.
        .target(name: "CProcess"),
        .target(name: "Torch", dependencies: ["CTorch", "Diagnostics", "JSON"]),
        .target(
            name: "Ledger",
            dependencies: [
                "Diagnostics", "JSON", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),

        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

        // Floor 1
        .target(
            name: "HTTPProxy",
            dependencies: [
                "CZlib", "Diagnostics", "JSON", "Statistics",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .target(
            name: "LanguageModel",
            dependencies: [
                "Diagnostics", "JSON", "Statistics", "Text", "Torch",
                .product(name: "RealModule", package: "swift-numerics"),
            ]),

        // Floor 2
        .target(name: "Experiment", dependencies: ["Diagnostics", "JSON", "Statistics", "Text"]),
        .target(
            name: "Training",
            dependencies: [
                "Diagnostics", "JSON", "LanguageModel", "Statistics", "Text", "Torch",
                .product(name: "RealModule", package: "swift-numerics"),
            ]),

        // Floor 3
        .target(
            name: "Rewards",
            dependencies: [
                "Diagnostics", "Experiment", "HTTPProxy", "JSON", "LanguageModel", "Statistics", "Text", "Torch",
                "Training",
                .product(name: "RealModule", package: "swift-numerics"),
            ]),
        .target(
            name: "Worlds",
            dependencies: [
                "Diagnostics", "Experiment", "JSON", "Statistics", "Text", "YAML",
                .product(name: "RealModule", package: "swift-numerics"),
            ]),

        // Floor 4
        .target(
            name: "Regimes",
            dependencies: [
                "Diagnostics", "Experiment", "JSON", "LanguageModel", "Rewards", "Statistics", "Text", "Torch",
                "Training",
                .product(name: "RealModule", package: "swift-numerics"),
            ]),
        .target(
            name: "Suites",
            dependencies: [
                "CZlib", "Diagnostics", "Experiment", "JSON", "Statistics", "Text",
                .product(name: "RealModule", package: "swift-numerics"),
            ]),

        // Floor 5
        .target(
            name: "Benching",
            dependencies: [
                "Diagnostics", "Experiment", "JSON", "LanguageModel", "Ledger", "Rewards", "Statistics", "Suites",
                "Text",
                "Torch",
            ]),

        .target(
            name: "Studies",
            dependencies: [
                "Diagnostics", "Experiment", "JSON", "LanguageModel", "Ledger", "Regimes", "Rewards", "Statistics",
                "Text", "Torch", "Training", "Worlds", "YAML",
                .product(name: "RealModule", package: "swift-numerics"),
            ],
            // The YAML texts that scripts/embed-studies puts into Design/NamedStudies+Texts.swift.
            exclude: ["Named"]),
        .target(
            name: "Credit",
            dependencies: [
                "CProcess", "Diagnostics", "Experiment", "HTTPProxy", "JSON", "Ledger", "Statistics", "Worlds", "YAML",
                // Carries connections from a program's own network to the proxy.
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "RealModule", package: "swift-numerics"),
            ]),

        // Floor 6
        .target(name: "Report", dependencies: ["Diagnostics", "Experiment", "JSON", "Statistics"]),
        .target(
            name: "Serving",
            dependencies: [
                "Diagnostics", "Experiment", "JSON", "LanguageModel", "Rewards", "Statistics", "Text", "Torch",
                "Worlds",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        // Floor 7
        .executableTarget(
            name: "AssayCommand",
            dependencies: [
                "Benching", "Credit", "Diagnostics", "Experiment", "JSON", "Ledger", "Regimes", "Report", "Rewards",
                "Serving",
                "Studies", "Suites", "Text", "Torch", "Training",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),

        // Assay's side of `make bench-peers` where training is timed.
        .executableTarget(
            name: "TrainingBenchmark",
            dependencies: [
                "Diagnostics", "Experiment", "JSON", "LanguageModel", "Regimes", "Rewards", "Text", "Torch", "Training",
                "Worlds", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "benchmarks/training"),

        // The load that the proxy is measured under.
        .executableTarget(
            name: "ProxyBenchmark",
            dependencies: [
                "Credit", "Diagnostics", "HTTPProxy", "Ledger", .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "benchmarks/proxy"),

        // What tests of several targets need: folders that go, a repeatable generator, mutants.
        .target(name: "TestSupport"),
        .testTarget(name: "JSONTests", dependencies: ["Diagnostics", "JSON", "TestSupport"]),
        .testTarget(name: "YAMLTests", dependencies: ["Diagnostics", "JSON", "YAML"]),
        .testTarget(name: "TextTests", dependencies: ["Diagnostics", "JSON", "TestSupport", "Text"]),
        .testTarget(name: "StatisticsTests", dependencies: ["Diagnostics", "JSON", "Statistics"]),
        .testTarget(name: "TorchTests", dependencies: ["CTorch", "Diagnostics", "JSON", "Torch"]),
        .testTarget(
            name: "LedgerTests",
            dependencies: ["Diagnostics", "JSON", "Ledger", .product(name: "GRDB", package: "GRDB.swift")]),
        .testTarget(
            name: "LanguageModelTests",
            dependencies: ["Diagnostics", "JSON", "LanguageModel", "Statistics", "Text", "Torch"]),
        .testTarget(
            name: "HTTPProxyTests",
            dependencies: [
                "CZlib", "Diagnostics", "HTTPProxy", "JSON", "Statistics", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .testTarget(name: "ExperimentTests", dependencies: ["Diagnostics", "Experiment", "JSON", "Statistics"]),
        .testTarget(
            name: "RewardsTests",
            dependencies: [
                "Diagnostics", "Experiment", "JSON", "LanguageModel", "Rewards", "Statistics", "Text", "Torch",
            ]),
        .testTarget(
            name: "SuitesTests",
            dependencies: [
                "Diagnostics", "Experiment", "JSON", "Rewards", "Statistics", "Suites", "TestSupport", "Text",
            ]),
        .testTarget(
            name: "BenchingTests",
            dependencies: [
                "Benching", "Diagnostics", "Experiment", "JSON", "Ledger", "Rewards", "Statistics", "Suites",
                "TestSupport", "Text", "Torch",
            ]),
        .testTarget(
            name: "TrainingTests",
            dependencies: ["Diagnostics", "JSON", "LanguageModel", "Statistics", "Torch", "Training"]),
        .testTarget(
            name: "WorldsTests", dependencies: ["Diagnostics", "Experiment", "JSON", "Statistics", "Text", "Worlds"]),
        .testTarget(
            name: "RegimesTests",
            dependencies: [
                "Diagnostics", "Experiment", "JSON", "LanguageModel", "Regimes", "Rewards", "Statistics", "Torch",
                "Training", "Worlds",
            ]),
        // A worker that trains nothing: what the study's execution is tested with.
        .executableTarget(
            name: "StudyWorkerFixture",
            dependencies: ["Diagnostics", "Experiment", "JSON", "Ledger", "Statistics", "Studies"],
            path: "Tests/StudyWorkerFixture"),
        .testTarget(
            name: "StudiesTests",
            dependencies: [
                "Diagnostics", "Experiment", "JSON", "Ledger", "Regimes", "Statistics", "Studies", "StudyWorkerFixture",
                "Torch", "Worlds",
            ]),
        .testTarget(
            name: "CreditTests",
            dependencies: [
                // The program itself, which some tests kill.
                "AssayCommand", "Credit", "Diagnostics", "Experiment", "HTTPProxy", "JSON", "Ledger", "Statistics",
                "TestSupport", "Worlds",
            ]),
        .testTarget(name: "ReportTests", dependencies: ["Diagnostics", "Experiment", "JSON", "Report"]),
        .testTarget(
            name: "ServingTests",
            dependencies: [
                "Diagnostics", "Experiment", "JSON", "LanguageModel", "Rewards", "Serving", "Statistics", "TestSupport",
                "Text", "Torch", "Worlds",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        .testTarget(
            name: "AssayCommandTests",
            dependencies: ["AssayCommand", "Diagnostics", "JSON", "Ledger", "TestSupport", "Torch"]),
    ]
)

for target in package.targets where ![.system, .binary, .plugin].contains(target.type) {
    target.swiftSettings = [
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
        .enableUpcomingFeature("ExistentialAny"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
