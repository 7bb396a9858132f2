-- Which corrections stood before the question of a reply: JSON array of examples' ids; NULL: none.
ALTER TABLE exchanges ADD COLUMN recalled TEXT;
