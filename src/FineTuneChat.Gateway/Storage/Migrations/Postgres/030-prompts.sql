-- SQLite's step 030 in PostgreSQL's words.
CREATE TABLE prompts (
    id         TEXT COLLATE "C" PRIMARY KEY,
    owner      TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE nocase NOT NULL,
    text       TEXT COLLATE "C" NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (owner, name)
);
