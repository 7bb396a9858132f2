-- What a chat may begin with, by name.
CREATE TABLE presets (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE COLLATE NOCASE,
    system     TEXT NOT NULL, -- prompt; '' = none
    request    TEXT NOT NULL, -- JSON: model and sampling
    updated_at INTEGER NOT NULL
);
