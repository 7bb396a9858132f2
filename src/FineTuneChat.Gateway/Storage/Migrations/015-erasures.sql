-- What was erased although a run had used it, and what became of it. It holds no text.
CREATE TABLE erasures (
    id           TEXT PRIMARY KEY,
    assistant    TEXT NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('pending', 'done', 'failed')),
    run_id       TEXT,                       -- the last run that was started for it
    failed_runs  INTEGER NOT NULL DEFAULT 0, -- runs for it that did not come into service
    fingerprints TEXT,                       -- JSON: by what its texts are recognised in files; NULL when they were searched for
    certificate  TEXT NOT NULL,              -- JSON
    created_at   INTEGER NOT NULL
);
CREATE INDEX erasures_by_status ON erasures (status);

ALTER TABLE forgotten ADD COLUMN erasure_id TEXT; -- NULL: deleted by an older program
ALTER TABLE versions ADD COLUMN erasure_id TEXT;  -- for which its files were deleted; NULL: for another reason, or they are there

-- Copies that the verb `database backup` made: what is erased later is looked for there, too.
CREATE TABLE backups (
    path       TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL
);
