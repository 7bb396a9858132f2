-- Whose a conversation is, with all that hangs on it: the id of the API key that began it; '' = of whoever sits at this machine.
ALTER TABLE conversations ADD COLUMN owner TEXT NOT NULL DEFAULT '';
CREATE INDEX conversations_by_owner ON conversations (owner, updated_at DESC, id DESC);

-- Two owners may give the same name to their presets.
ALTER TABLE presets RENAME TO presets_of_all;
CREATE TABLE presets (
    id         TEXT PRIMARY KEY,
    owner      TEXT NOT NULL DEFAULT '',
    name       TEXT NOT NULL COLLATE NOCASE,
    system     TEXT NOT NULL, -- prompt; '' = none
    request    TEXT NOT NULL, -- JSON: model and sampling
    updated_at INTEGER NOT NULL,
    UNIQUE (owner, name)
);
INSERT INTO presets (id, name, system, request, updated_at) SELECT id, name, system, request, updated_at FROM presets_of_all;
DROP TABLE presets_of_all;
