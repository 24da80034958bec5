internal import GRDB

extension LedgerSchema {
    static let addStudies: @Sendable (Database) throws -> Void = { database in
        try database.execute(
            sql: """
                CREATE TABLE design (
                    run TEXT NOT NULL PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE,
                    text TEXT NOT NULL,           -- canonical JSON
                    digest TEXT NOT NULL,         -- SHA-256 of text
                    source TEXT NOT NULL          -- the study as its author wrote it
                ) STRICT;

                CREATE TABLE arm_run (
                    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
                    position INTEGER NOT NULL,    -- place in the plan, from 0
                    arm TEXT NOT NULL,
                    levels TEXT NOT NULL,         -- canonical JSON, factor to level
                    seed INTEGER NOT NULL,
                    settings TEXT NOT NULL,       -- canonical JSON
                    settings_digest TEXT NOT NULL,
                    status TEXT NOT NULL,
                    stopped_step INTEGER,         -- where it diverged
                    message TEXT,                 -- why it diverged or failed
                    seconds REAL NOT NULL,
                    tokens INTEGER NOT NULL,
                    PRIMARY KEY (run, position)
                ) STRICT;

                CREATE TABLE step (
                    run TEXT NOT NULL,
                    arm_run INTEGER NOT NULL,
                    step INTEGER NOT NULL,        -- updates made before
                    readings TEXT NOT NULL,       -- JSON, meter to [value, standard error, n(, clusters)], in the order read
                    times TEXT NOT NULL,          -- the same, of meters that read a clock
                    PRIMARY KEY (run, arm_run, step),
                    FOREIGN KEY (run, arm_run) REFERENCES arm_run (run, position) ON DELETE CASCADE
                ) STRICT, WITHOUT ROWID;

                CREATE TABLE finding (
                    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
                    position INTEGER NOT NULL,    -- from 0
                    kind TEXT NOT NULL,           -- 'contrast', 'verdict', …
                    content TEXT NOT NULL,        -- canonical JSON
                    PRIMARY KEY (run, position)
                ) STRICT;
                """)
    }
}
