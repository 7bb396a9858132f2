-- Whether the assistant trains by itself. NULL: as the setting says.
ALTER TABLE assistants ADD COLUMN automatic INTEGER;
