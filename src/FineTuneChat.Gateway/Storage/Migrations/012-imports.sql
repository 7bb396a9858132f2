-- What was imported together can be kept aside, restored and deleted together. Of what older programs imported only the file is known.
ALTER TABLE examples ADD COLUMN import_id TEXT;
UPDATE examples SET import_id = 'import_' || rtrim(rtrim(origin, '0123456789'), ':') WHERE origin IS NOT NULL;
CREATE INDEX examples_by_import ON examples (import_id) WHERE import_id IS NOT NULL;
