-- A third side: examples that are neither trained on nor looked at by any decision. The CHECK of the old column knew two.
ALTER TABLE examples ADD COLUMN side TEXT CHECK (side IN ('train', 'held_out', 'test')); -- NULL until a run first uses it; never changes afterwards
UPDATE examples SET side = split;
ALTER TABLE examples DROP COLUMN split;
ALTER TABLE examples RENAME COLUMN side TO split;
