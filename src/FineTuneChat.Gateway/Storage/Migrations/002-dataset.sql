ALTER TABLE examples ADD COLUMN origin TEXT; -- of imports: file and line
ALTER TABLE examples ADD COLUMN tools TEXT;  -- JSON: the functions that the assistant could call

-- Examples that say nearly the same are learned once: the others name the one that stood for them.
ALTER TABLE run_examples ADD COLUMN represented_by TEXT;
