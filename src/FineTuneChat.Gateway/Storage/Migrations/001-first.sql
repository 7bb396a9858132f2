-- Times are Unix milliseconds. JSON columns hold OpenAI's shapes.

CREATE TABLE assistants (
    name           TEXT PRIMARY KEY,
    active_version INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE conversations (
    id         TEXT PRIMARY KEY,
    assistant  TEXT NOT NULL,
    title      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
);
CREATE INDEX conversations_by_update ON conversations (updated_at DESC, id DESC);

-- A conversation is a tree: regenerated and edited turns are siblings. Each message is kept once, however many requests repeat it.
CREATE TABLE messages (
    id              INTEGER PRIMARY KEY,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    parent_id       INTEGER REFERENCES messages (id) ON DELETE CASCADE,
    path_hash       BLOB NOT NULL, -- of this message and all before it
    message         TEXT NOT NULL, -- JSON
    created_at      INTEGER NOT NULL
);
CREATE UNIQUE INDEX messages_by_path ON messages (path_hash, conversation_id);
CREATE INDEX messages_by_conversation ON messages (conversation_id);
CREATE INDEX messages_by_parent ON messages (parent_id);

CREATE TABLE exchanges (
    completion_id     TEXT PRIMARY KEY,
    conversation_id   TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    assistant         TEXT NOT NULL,
    model             TEXT NOT NULL, -- what answered: assistant@3, or a local model's name
    version           INTEGER,       -- NULL for other local models
    prompt_id         INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE, -- last message of the request
    reply_id          INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    other_replies     TEXT,          -- JSON array, where the client asked for several
    request           TEXT NOT NULL, -- JSON: the request without its messages
    finish_reason     TEXT,          -- NULL when the reply was cut off
    prompt_tokens     INTEGER,
    completion_tokens INTEGER,
    timings           TEXT,          -- JSON
    duration_ms       REAL NOT NULL,
    error             TEXT,
    created_at        INTEGER NOT NULL
);
CREATE INDEX exchanges_by_conversation ON exchanges (conversation_id, created_at);
CREATE INDEX exchanges_by_reply ON exchanges (reply_id);
CREATE INDEX exchanges_by_prompt ON exchanges (prompt_id);

-- Append-only: the newest row of a completion is its rating, the older ones are history.
CREATE TABLE ratings (
    id            INTEGER PRIMARY KEY,
    completion_id TEXT NOT NULL REFERENCES exchanges (completion_id) ON DELETE CASCADE,
    assistant     TEXT NOT NULL,
    rating        TEXT CHECK (rating IN ('up', 'down')), -- NULL: withdrawn
    correction    TEXT,
    comment       TEXT,
    created_at    INTEGER NOT NULL
);
CREATE INDEX ratings_by_completion ON ratings (completion_id, id);

CREATE TABLE examples (
    id              TEXT PRIMARY KEY,
    assistant       TEXT NOT NULL,
    completion_id   TEXT UNIQUE REFERENCES exchanges (completion_id) ON DELETE CASCADE,
    conversation_id TEXT REFERENCES conversations (id) ON DELETE CASCADE,
    status          TEXT NOT NULL CHECK (status IN ('accepted', 'excluded', 'withdrawn')),
    source          TEXT NOT NULL CHECK (source IN ('rating', 'correction', 'edit', 'import')),
    split           TEXT CHECK (split IN ('train', 'held_out')), -- NULL until a run first uses it; never changes afterwards
    messages        TEXT NOT NULL, -- JSON: the context and, last, the wanted reply
    flags           TEXT NOT NULL DEFAULT '[]',
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL
);
CREATE INDEX examples_by_status ON examples (assistant, status);
CREATE INDEX examples_by_conversation ON examples (conversation_id);

CREATE TABLE runs (
    id          TEXT PRIMARY KEY,
    assistant   TEXT NOT NULL,
    status      TEXT NOT NULL,
    options     TEXT NOT NULL, -- JSON
    examples    INTEGER NOT NULL DEFAULT 0,
    held_out    INTEGER NOT NULL DEFAULT 0,
    progress    TEXT,          -- JSON
    gate        TEXT,          -- JSON
    version     INTEGER,
    error       TEXT,
    attempts    INTEGER NOT NULL DEFAULT 0, -- more than one after a crash
    created_at  INTEGER NOT NULL,
    finished_at INTEGER
);
CREATE INDEX runs_by_time ON runs (assistant, created_at DESC);

CREATE TABLE run_points (
    run_id   TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step     INTEGER NOT NULL,
    loss     REAL,
    val_loss REAL,
    PRIMARY KEY (run_id, step)
) WITHOUT ROWID;

CREATE TABLE run_examples (
    run_id     TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    example_id TEXT NOT NULL REFERENCES examples (id) ON DELETE CASCADE,
    split      TEXT NOT NULL,
    example_at INTEGER NOT NULL, -- the example's updated_at: a later edit is news to the version
    PRIMARY KEY (run_id, example_id)
) WITHOUT ROWID;
CREATE INDEX run_examples_by_example ON run_examples (example_id);

CREATE TABLE versions (
    assistant   TEXT NOT NULL,
    number      INTEGER NOT NULL, -- 0: the base as it came
    base        TEXT NOT NULL,
    base_sha256 TEXT NOT NULL,
    run_id      TEXT REFERENCES runs (id),
    file        TEXT NOT NULL,    -- below the data folder; number 0: the base's own name
    adapter     TEXT,             -- below the data folder, where the base and an adapter serve instead of a merged file
    type        TEXT NOT NULL,
    bytes       INTEGER NOT NULL,
    figures     TEXT NOT NULL,    -- JSON
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (assistant, number)
);

-- Fingerprints of model files, so that a start need not read gigabytes: valid while size and time of the file stay.
CREATE TABLE model_hashes (
    path        TEXT PRIMARY KEY,
    bytes       INTEGER NOT NULL,
    modified_at INTEGER NOT NULL,
    sha256      TEXT NOT NULL
);
