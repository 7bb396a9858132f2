-- The beginnings of words get an index of their own: a search while it is typed would otherwise merge thousands of words.
DROP TRIGGER messages_inserted;
DROP TRIGGER messages_deleted;
DROP TABLE message_search;
CREATE VIRTUAL TABLE message_search USING fts5 (text, content = 'message_texts', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
INSERT INTO message_search (message_search) VALUES ('rebuild');

CREATE TRIGGER messages_inserted AFTER INSERT ON messages BEGIN
    INSERT INTO message_search (rowid, text) VALUES (new.id, new.message ->> 'content');
END;
CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, text) VALUES ('delete', old.id, old.message ->> 'content');
END;
