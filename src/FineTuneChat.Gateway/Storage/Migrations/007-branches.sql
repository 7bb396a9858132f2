ALTER TABLE conversations ADD COLUMN shown_id TEXT; -- last reply of the branch that the user has stepped to; NULL, or not there any more: the newest
CREATE INDEX preferences_by_time ON preferences (assistant, created_at);
