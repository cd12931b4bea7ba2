-- What a document brings costs less to write. It is kept in the order in which it was written, in which it is queued too: whoever
-- brings it in begins with what is due first. It does not refer to its announcement, which would be to look through all of it
-- whenever an announcement is removed; it is written with it, and leaves before it.
CREATE TABLE arrivals (
    import_id       INTEGER NOT NULL REFERENCES imports (id),
    announcement_id INTEGER NOT NULL,
    due_at          INTEGER NOT NULL,
    rank            INTEGER NOT NULL CHECK (rank BETWEEN 0 AND 4),
    nominal_at      INTEGER NOT NULL,
    phase           TEXT NOT NULL CHECK (phase <> ''),
    anchor_at       INTEGER,
    ordinal         INTEGER NOT NULL CHECK (ordinal >= 0),
    handled_at      INTEGER,
    handled_wall    INTEGER,
    handled_ordinal INTEGER NOT NULL CHECK (handled_ordinal >= 0),
    PRIMARY KEY (import_id, announcement_id)
) STRICT, WITHOUT ROWID;
INSERT INTO arrivals
SELECT import_id, announcement_id, due_at, rank, nominal_at, phase, anchor_at, ordinal, handled_at, handled_wall, handled_ordinal
FROM staged;
DROP TABLE staged;
ALTER TABLE arrivals RENAME TO staged;

-- What a document has brought that is not complete is found by what it has staged.
DROP INDEX announcements_import;

-- A live one is found by its name already.
DROP INDEX announcements_name;
CREATE INDEX announcements_former_name ON announcements (name)
WHERE name IS NOT NULL AND state NOT IN ('scheduled', 'paused');

-- What a row of a document is checked for, by comparisons in place of functions. Only the text of the rules changes, as in V0009: a
-- text begins with '[' where it is not less than '[' and less than what follows '[' in ASCII.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(sql,
    'CHECK (substr(arguments, 1, 1) = ''['')', 'CHECK (arguments >= ''['' AND arguments < ''\'')'),
    'CHECK (substr(rules, 1, 2) = ''[{'')', 'CHECK (rules >= ''[{'' AND rules < ''[|'')'),
    'CHECK (substr(namespace, 1, 1) = ''/'')', 'CHECK (namespace >= ''/'' AND namespace < ''0'')'),
    'CHECK (substr(source, 1, 1) = ''{'')', 'CHECK (source >= ''{'' AND source < ''|'')'),
    'CHECK (substr(manner, 1, 1) = ''{'')', 'CHECK (manner >= ''{'' AND manner < ''|'')'),
    'CHECK (length(packed) > 0)', 'CHECK (packed <> x'''')'),
    'CHECK (length(timezone) > 0)', 'CHECK (timezone <> '''')'),
    'CHECK (length(length) > 0)', 'CHECK (length <> '''')'),
    'CHECK (json_type(expiry) = ''object'')', 'CHECK (expiry IS NULL OR json_type(expiry) = ''object'')'),
    'CHECK (style = ''{}'' OR json_type(style)', 'CHECK (style = ''{}'' OR style = ''{"text":true}'' OR json_type(style)')
WHERE type = 'table' AND name = 'announcements';
PRAGMA writable_schema = RESET;

PRAGMA user_version = 12;
