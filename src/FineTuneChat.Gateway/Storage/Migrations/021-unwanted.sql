-- A reply rated down without a better one teaches, too: what is not wanted. The CHECKs of the old columns did not know such examples.
DROP INDEX examples_by_status;
ALTER TABLE examples ADD COLUMN state TEXT NOT NULL DEFAULT 'accepted' CHECK (state IN ('accepted', 'unwanted', 'excluded', 'withdrawn'));
ALTER TABLE examples ADD COLUMN came_from TEXT NOT NULL DEFAULT 'rating' CHECK (came_from IN ('rating', 'rejection', 'correction', 'edit', 'import'));
UPDATE examples SET state = status, came_from = source;
ALTER TABLE examples DROP COLUMN status;
ALTER TABLE examples DROP COLUMN source;
ALTER TABLE examples RENAME COLUMN state TO status;
ALTER TABLE examples RENAME COLUMN came_from TO source;
CREATE INDEX examples_by_status ON examples (assistant, status);
