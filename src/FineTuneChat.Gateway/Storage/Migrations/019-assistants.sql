-- Several assistants, each with its own base, prompt and defaults; `name` is the id by which one is asked. What there was becomes 'assistant'.
ALTER TABLE assistants ADD COLUMN title TEXT NOT NULL DEFAULT '';     -- as people read it; '' = the id
ALTER TABLE assistants ADD COLUMN avatar TEXT NOT NULL DEFAULT '';    -- a letter; '' = the first one of the title
ALTER TABLE assistants ADD COLUMN base TEXT;                          -- a local model's name; NULL = the server's own
ALTER TABLE assistants ADD COLUMN system TEXT NOT NULL DEFAULT '';    -- prompt; '' = none
ALTER TABLE assistants ADD COLUMN request TEXT NOT NULL DEFAULT '{}'; -- JSON: sampling defaults
ALTER TABLE assistants ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE assistants ADD COLUMN deleted_at INTEGER;                 -- all that is of it is being deleted
CREATE INDEX conversations_by_assistant ON conversations (assistant, updated_at DESC, id DESC);

ALTER TABLE api_keys ADD COLUMN assistants TEXT; -- JSON: the ids that the key may ask; NULL = all
ALTER TABLE files ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE fine_tuning_jobs ADD COLUMN assistant TEXT NOT NULL DEFAULT 'assistant';
