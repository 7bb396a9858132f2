ALTER TABLE exchanges ADD COLUMN metadata TEXT; -- JSON: the client's notes, which it may change; the request keeps those it came with
UPDATE exchanges SET metadata = json_extract(request, '$.metadata');

-- Of replies to the same question, which one the user prefers to which.
CREATE TABLE preferences (
    chosen_id   TEXT NOT NULL REFERENCES exchanges (completion_id) ON DELETE CASCADE,
    rejected_id TEXT NOT NULL REFERENCES exchanges (completion_id) ON DELETE CASCADE,
    assistant   TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (chosen_id, rejected_id)
) WITHOUT ROWID;
CREATE INDEX preferences_by_rejected ON preferences (rejected_id);
