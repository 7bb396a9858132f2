ALTER TABLE versions ADD COLUMN status TEXT NOT NULL DEFAULT 'accepted'; -- or refused by the gate: kept to be looked at, tried, and put in service by hand
ALTER TABLE versions ADD COLUMN sha256 TEXT; -- of the file that serves, or of the adapter beside the base; NULL: written by an older program
