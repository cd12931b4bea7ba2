-- What operators need: a dispatcher that is held, pauses that end by themselves, words and marks to find announcements by.

-- One row while dispatchers are held.
CREATE TABLE hold (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    since   INTEGER NOT NULL,
    held_by TEXT NOT NULL,
    reason  TEXT
) STRICT;

-- When a paused announcement speaks again by itself; NULL: never.
ALTER TABLE announcements ADD COLUMN resume_at INTEGER CHECK (resume_at IS NULL OR state = 'paused');
CREATE INDEX announcements_resume ON announcements (resume_at) WHERE resume_at IS NOT NULL;

-- Who sent it, outside of its schedule; NULL: it went out by its schedule.
ALTER TABLE deliveries ADD COLUMN fired_by TEXT;

-- What did not simply go out is looked for by how it ended, among much that did.
CREATE INDEX deliveries_unusual ON deliveries (outcome, id) WHERE outcome <> 'published';

-- The words of an announcement: its name, the texts in its arguments and those of its phases; and what it is marked with: rooms
-- and labels.
CREATE VIEW announcement_words (id, name, words, marks) AS
SELECT id, name,
    coalesce((SELECT group_concat(atom, ' ') FROM json_tree(arguments) WHERE type = 'text'), '') || ' '
    || coalesce((SELECT group_concat(atom, ' ') FROM json_tree(style, '$.texts') WHERE type = 'text'), ''),
    coalesce((SELECT group_concat(value, ' ') FROM json_each(rooms)), '') || ' '
    || coalesce((SELECT group_concat(key || ' ' || value, ' ') FROM json_each(labels)), '')
FROM announcements;

CREATE VIRTUAL TABLE search USING fts5 (
    name, words, marks, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3', columnsize = 0
);
INSERT INTO search (rowid, name, words, marks) SELECT id, name, words, marks FROM announcement_words;

CREATE TRIGGER announcements_words_added AFTER INSERT ON announcements BEGIN
    INSERT INTO search (rowid, name, words, marks) SELECT id, name, words, marks FROM announcement_words WHERE id = new.id;
END;
CREATE TRIGGER announcements_words_changed AFTER UPDATE OF name, arguments, style, rooms, labels ON announcements BEGIN
    DELETE FROM search WHERE rowid = old.id;
    INSERT INTO search (rowid, name, words, marks) SELECT id, name, words, marks FROM announcement_words WHERE id = new.id;
END;
CREATE TRIGGER announcements_words_removed AFTER DELETE ON announcements BEGIN
    DELETE FROM search WHERE rowid = old.id;
END;

PRAGMA user_version = 6;
