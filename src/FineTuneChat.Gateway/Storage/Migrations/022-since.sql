-- Since when the version in service is there: what was said of it before does not count against it when somebody puts it back.
ALTER TABLE versions ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
