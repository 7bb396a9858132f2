-- Servers of tools, by assistant. `settings` is JSON, with the secrets that a server is started or asked with.
CREATE TABLE tool_servers (
    assistant  TEXT NOT NULL,
    name       TEXT NOT NULL,
    settings   TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (assistant, name)
);
