-- A talk that has outgrown the context: what the model did not see of it, and the summary that stood for that. The summary hangs on the last message that
-- it tells of, and goes with it.
ALTER TABLE messages ADD COLUMN summary TEXT;
ALTER TABLE exchanges ADD COLUMN folded INTEGER NOT NULL DEFAULT 0; -- messages
ALTER TABLE exchanges ADD COLUMN summary_of INTEGER;                -- the message whose summary it was; NULL: none

-- What a thumb down finds wrong: JSON array; NULL: it does not say.
ALTER TABLE ratings ADD COLUMN reasons TEXT;

-- A follow-up that the user wants to be remembered: an example that hangs on the better reply. The CHECK of the old column did not know such ones.
ALTER TABLE examples ADD COLUMN follow_up_of TEXT REFERENCES exchanges (completion_id) ON DELETE CASCADE;
CREATE UNIQUE INDEX examples_by_follow_up ON examples (follow_up_of);
ALTER TABLE examples ADD COLUMN came_from TEXT NOT NULL DEFAULT 'rating'
    CHECK (came_from IN ('rating', 'rejection', 'correction', 'follow_up', 'edit', 'import'));
UPDATE examples SET came_from = source;
ALTER TABLE examples DROP COLUMN source;
ALTER TABLE examples RENAME COLUMN came_from TO source;
