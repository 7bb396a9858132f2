-- Documents that chats look things up in: OpenAI's vector stores, the files in them, and the files' passages.
CREATE TABLE vector_stores (
    id         TEXT PRIMARY KEY,
    owner      TEXT NOT NULL DEFAULT '',
    name       TEXT NOT NULL,
    metadata   TEXT,             -- JSON
    created_at INTEGER NOT NULL,
    active_at  INTEGER NOT NULL  -- last asked or changed
);
CREATE TABLE vector_store_files (
    id         INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: what is held in memory goes by it
    store_id   TEXT NOT NULL REFERENCES vector_stores (id) ON DELETE CASCADE,
    file_id    TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    status     TEXT NOT NULL DEFAULT 'in_progress', -- completed, failed
    error      TEXT,                                -- why it has failed
    attributes TEXT NOT NULL DEFAULT '{}',          -- JSON
    bytes      INTEGER NOT NULL DEFAULT 0,          -- of its passages
    created_at INTEGER NOT NULL,
    UNIQUE (store_id, file_id)
);
CREATE INDEX vector_store_files_by_file ON vector_store_files (file_id);
CREATE INDEX vector_store_files_waiting ON vector_store_files (id) WHERE status = 'in_progress';

CREATE TABLE document_chunks (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    entry        INTEGER NOT NULL REFERENCES vector_store_files (id) ON DELETE CASCADE,
    number       INTEGER NOT NULL, -- in its file, from 0
    name         TEXT NOT NULL,    -- of the file
    heading      TEXT NOT NULL,
    text         TEXT NOT NULL,
    place        TEXT NOT NULL,    -- page, slide, row, line, none
    first        INTEGER NOT NULL,
    last         INTEGER NOT NULL,
    vector       BLOB,             -- half floats; NULL until it is made
    vector_model TEXT,
    UNIQUE (entry, number)
);
CREATE INDEX document_chunks_without_vector ON document_chunks (id) WHERE vector IS NULL;

CREATE VIRTUAL TABLE chunk_search USING fts5 (
    text, heading, name, content = 'document_chunks', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO chunk_search (chunk_search, rank) VALUES ('secure-delete', 1); -- deleted words are out of the index's file, too
CREATE TRIGGER document_chunks_inserted AFTER INSERT ON document_chunks BEGIN
    INSERT INTO chunk_search (rowid, text, heading, name) VALUES (new.id, new.text, new.heading, new.name);
END;
CREATE TRIGGER document_chunks_deleted AFTER DELETE ON document_chunks BEGIN
    INSERT INTO chunk_search (chunk_search, rowid, text, heading, name) VALUES ('delete', old.id, old.text, old.heading, old.name);
END;

ALTER TABLE assistants ADD COLUMN vector_store_ids TEXT NOT NULL DEFAULT '[]'; -- JSON
-- The passages that a reply was given: JSON array without their texts, which go with the documents; NULL: no documents were asked.
ALTER TABLE exchanges ADD COLUMN sources TEXT;
