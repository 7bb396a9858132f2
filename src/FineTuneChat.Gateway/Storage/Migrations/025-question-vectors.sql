-- What the questions of examples mean, for recall: one vector for each wording that they can be recalled by. No text: which one it is says its hash.
CREATE TABLE question_vectors (
    example_id TEXT NOT NULL REFERENCES examples (id) ON DELETE CASCADE,
    model      TEXT NOT NULL, -- whose vectors these are
    wording    BLOB NOT NULL, -- SHA-256 of the text
    vector     BLOB NOT NULL, -- 32-bit floats, little-endian
    PRIMARY KEY (example_id, model, wording)
) WITHOUT ROWID;

-- Counts what happens to what can be recalled, so that a chat need not look through all of it to know whether its index still holds. Imports are never recalled.
CREATE TABLE recall_changes (
    assistant TEXT PRIMARY KEY,
    changes   INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER example_added AFTER INSERT ON examples WHEN new.import_id IS NULL BEGIN
    INSERT INTO recall_changes (assistant, changes) VALUES (new.assistant, 1) ON CONFLICT (assistant) DO UPDATE SET changes = changes + 1;
END;
CREATE TRIGGER example_changed AFTER UPDATE OF status, messages, tools, updated_at ON examples WHEN new.import_id IS NULL BEGIN
    INSERT INTO recall_changes (assistant, changes) VALUES (new.assistant, 1) ON CONFLICT (assistant) DO UPDATE SET changes = changes + 1;
END;
CREATE TRIGGER example_removed AFTER DELETE ON examples WHEN old.import_id IS NULL BEGIN
    INSERT INTO recall_changes (assistant, changes) VALUES (old.assistant, 1) ON CONFLICT (assistant) DO UPDATE SET changes = changes + 1;
END;
CREATE TRIGGER rewording_added AFTER INSERT ON rewordings BEGIN
    UPDATE recall_changes SET changes = changes + 1 WHERE assistant = (SELECT assistant FROM examples WHERE id = new.example_id);
END;
CREATE TRIGGER rewording_removed AFTER DELETE ON rewordings BEGIN
    DELETE FROM question_vectors WHERE example_id = old.example_id; -- computed anew
    UPDATE recall_changes SET changes = changes + 1 WHERE assistant = (SELECT assistant FROM examples WHERE id = old.example_id);
END;
CREATE TRIGGER question_vector_added AFTER INSERT ON question_vectors BEGIN
    UPDATE recall_changes SET changes = changes + 1 WHERE assistant = (SELECT assistant FROM examples WHERE id = new.example_id);
END;
CREATE TRIGGER example_edited AFTER UPDATE OF messages ON examples WHEN new.messages <> old.messages BEGIN
    DELETE FROM question_vectors WHERE example_id = new.id; -- of what it said before nothing stays
END;
INSERT INTO recall_changes (assistant, changes) SELECT DISTINCT assistant, 1 FROM examples;
