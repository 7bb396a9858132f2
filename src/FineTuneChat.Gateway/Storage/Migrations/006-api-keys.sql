CREATE TABLE api_keys (
    id         TEXT PRIMARY KEY, -- also a part of the key: what it is found by
    name       TEXT NOT NULL,
    hash       BLOB NOT NULL,    -- SHA-256 of the key: of 256 random bits nothing can be guessed, so nothing slower is needed
    scopes     TEXT NOT NULL,    -- JSON
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
);
