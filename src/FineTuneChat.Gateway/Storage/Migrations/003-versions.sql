ALTER TABLE assistants ADD COLUMN previous_version INTEGER; -- in service before the active one: the way back
ALTER TABLE versions ADD COLUMN problem TEXT;       -- why it was taken out of service; NULL: nothing is known against it
ALTER TABLE versions ADD COLUMN removed_at INTEGER; -- its files are gone, what is known of it stays

-- What a run's data held and was deleted since: how many examples, never which.
CREATE TABLE forgotten (
    run_id     TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    examples   INTEGER NOT NULL, -- trained on; 0 where the run only measured on them
    created_at INTEGER NOT NULL
);
CREATE INDEX forgotten_by_run ON forgotten (run_id);
