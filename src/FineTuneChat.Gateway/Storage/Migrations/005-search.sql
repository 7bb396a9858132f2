-- Finds words in messages, whatever their case and accents. The texts stay where they are: the index reads them through the view.
CREATE VIEW message_texts AS SELECT id, message ->> 'content' AS text FROM messages;
CREATE VIRTUAL TABLE message_search USING fts5 (text, content = 'message_texts', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO message_search (message_search) VALUES ('rebuild');

CREATE TRIGGER messages_inserted AFTER INSERT ON messages BEGIN
    INSERT INTO message_search (rowid, text) VALUES (new.id, new.message ->> 'content');
END;
CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, text) VALUES ('delete', old.id, old.message ->> 'content');
END;
