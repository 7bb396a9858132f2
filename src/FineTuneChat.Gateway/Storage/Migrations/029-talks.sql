-- A talk that has outgrown the context: what the model did not see of it, and the summary that stood for that. The summary hangs on the last message that
-- it tells of, and goes with it.
ALTER TABLE messages ADD COLUMN summary TEXT;
ALTER TABLE exchanges ADD COLUMN folded INTEGER NOT NULL DEFAULT 0; -- messages
ALTER TABLE exchanges ADD COLUMN summary_of INTEGER;                -- the message whose summary it was; NULL: none
