-- Messages that are sent again and again, by name.
CREATE TABLE prompts (
    id         TEXT PRIMARY KEY,
    owner      TEXT NOT NULL, -- id of an API key; '' = whoever sits at this machine
    name       TEXT NOT NULL COLLATE NOCASE,
    text       TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (owner, name)
);
