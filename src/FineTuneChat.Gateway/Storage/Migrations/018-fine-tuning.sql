-- OpenAI's files and fine-tuning jobs: a job brings its file into the examples and is then a run.
CREATE TABLE files (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    purpose    TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    import_id  TEXT, -- what became of its rows; NULL until a job has used it
    created_at INTEGER NOT NULL
);
CREATE TABLE fine_tuning_jobs (
    id              TEXT PRIMARY KEY,
    model           TEXT NOT NULL,
    training_file   TEXT NOT NULL, -- the file may be deleted since
    validation_file TEXT,
    suffix          TEXT,
    metadata        TEXT,          -- JSON
    hyperparameters TEXT NOT NULL, -- JSON, as they were asked for
    seed            INTEGER,
    is_cancelled    INTEGER NOT NULL DEFAULT 0,
    is_paused       INTEGER NOT NULL DEFAULT 0,
    examples        INTEGER,       -- that its files have; NULL until they were read
    warnings        TEXT NOT NULL DEFAULT '[]', -- JSON: rows that were left out
    error           TEXT,          -- why it has ended without a run
    run_id          TEXT REFERENCES runs (id),
    created_at      INTEGER NOT NULL,
    finished_at     INTEGER        -- of a job without a run
);
ALTER TABLE run_points ADD COLUMN at INTEGER; -- milliseconds; NULL in older runs
