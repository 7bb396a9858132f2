ALTER TABLE versions ADD COLUMN status TEXT NOT NULL DEFAULT 'accepted'; -- or refused by the gate: kept to be looked at, tried, and put in service by hand
