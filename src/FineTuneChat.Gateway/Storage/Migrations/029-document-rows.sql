-- Questions and answers that a model writes from documents, until somebody has looked at them: then they are examples like others.
CREATE TABLE syntheses (
    id          TEXT PRIMARY KEY,
    owner       TEXT NOT NULL,
    assistant   TEXT NOT NULL,                                            -- that is to learn them
    store_id    TEXT NOT NULL REFERENCES vector_stores (id) ON DELETE CASCADE,
    file_id     TEXT REFERENCES files (id) ON DELETE CASCADE,             -- NULL: all documents of the collection
    writer      TEXT NOT NULL,                                            -- which model, and where it is, if that is elsewhere
    questions   INTEGER NOT NULL,                                         -- of each passage
    most        INTEGER NOT NULL,                                         -- passages
    status      TEXT NOT NULL DEFAULT 'running',                          -- completed, cancelled, failed
    error       TEXT,                                                     -- why it has failed
    passages    INTEGER NOT NULL DEFAULT 0,
    done        INTEGER NOT NULL DEFAULT 0,                               -- of them
    last_chunk  INTEGER NOT NULL DEFAULT 0,                               -- after a restart it goes on behind it
    duplicates  INTEGER NOT NULL DEFAULT 0,                               -- left out
    unusable    INTEGER NOT NULL DEFAULT 0,                               -- likewise
    imported    INTEGER NOT NULL DEFAULT 0,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER
);
CREATE INDEX syntheses_by_store ON syntheses (store_id);
CREATE INDEX syntheses_by_file ON syntheses (file_id);

CREATE TABLE synthetic_rows (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    synthesis TEXT NOT NULL REFERENCES syntheses (id) ON DELETE CASCADE,
    chunk     INTEGER NOT NULL REFERENCES document_chunks (id) ON DELETE CASCADE, -- the passage: without it there is no row
    question  TEXT NOT NULL,
    answer    TEXT NOT NULL,
    reply     TEXT,                                                               -- what the model says without the passage
    flags     TEXT NOT NULL,                                                      -- JSON
    status    TEXT NOT NULL                                                       -- open, accepted, dropped
);
CREATE INDEX synthetic_rows_by_synthesis ON synthetic_rows (synthesis, id);
CREATE INDEX synthetic_rows_by_chunk ON synthetic_rows (chunk);

-- Folders of this machine that are collections (Documents:Folders), and their files as they were when they were read.
CREATE TABLE watched_folders (
    path     TEXT PRIMARY KEY,
    store_id TEXT NOT NULL REFERENCES vector_stores (id) ON DELETE CASCADE
);
CREATE TABLE watched_files (
    store_id TEXT NOT NULL REFERENCES vector_stores (id) ON DELETE CASCADE,
    path     TEXT NOT NULL,    -- within the folder
    file_id  TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    bytes    INTEGER NOT NULL,
    modified INTEGER NOT NULL, -- ticks
    hash     BLOB NOT NULL,    -- SHA-256
    PRIMARY KEY (store_id, path)
);
CREATE INDEX watched_files_by_file ON watched_files (file_id);
