-- Other wordings of an example's question, in which it is learned, too. They are of one question: when it is edited, they hold no more.
CREATE TABLE rewordings (
    example_id TEXT NOT NULL REFERENCES examples (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    question TEXT NOT NULL,
    text TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (example_id, position)
) WITHOUT ROWID;
-- Which questions have been reworded, be it without success: they are not asked for again.
ALTER TABLE examples ADD COLUMN reworded TEXT;
