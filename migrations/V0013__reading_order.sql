-- What a claim reads of an announcement stands first in its row: to find a column, SQLite goes through all before it.
CREATE TABLE ordered (
    id                 INTEGER PRIMARY KEY AUTOINCREMENT,
    revision           INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1),
    event              TEXT NOT NULL CHECK (event = 'announcement' OR event NOT IN
                       ('connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener')),
    manner             TEXT NOT NULL DEFAULT '{}' CHECK (manner >= '{' AND manner < '|'),
    recurring          INTEGER NOT NULL CHECK (recurring IN (0, 1)), -- 0: nothing can follow the first occurrence
    rendered           INTEGER NOT NULL DEFAULT 0 CHECK (rendered IN (0, 1)),
    state              TEXT NOT NULL DEFAULT 'scheduled' CHECK (state = 'scheduled' OR state IN
                       ('scheduled', 'paused', 'finished', 'cancelled', 'failed')),
    packed             BLOB NOT NULL CHECK (packed <> x''),        -- MessagePack of [event, argument, ...]
    arguments          TEXT NOT NULL CHECK (arguments >= '[' AND arguments < '\'),
    rules              TEXT NOT NULL CHECK (rules >= '[{' AND rules < '[|'),
    timezone           TEXT NOT NULL CHECK (timezone <> ''),
    limits             TEXT NOT NULL DEFAULT '{}' CHECK (limits = '{}' OR json_type(limits) = 'object'),
    leads              TEXT NOT NULL DEFAULT '[]' CHECK (leads = '[]' OR json_type(leads) = 'array'),
    length             TEXT CHECK (length <> ''),
    style              TEXT NOT NULL DEFAULT '{}' CHECK (style = '{}' OR style = '{"text":true}' OR json_type(style) = 'object'),
    name               TEXT CHECK (length(name) BETWEEN 1 AND 200),
    namespace          TEXT NOT NULL CHECK (namespace >= '/' AND namespace < '0'),
    everyone           INTEGER NOT NULL CHECK (everyone IN (0, 1)),
    rooms              TEXT NOT NULL CHECK (rooms = '[]' OR json_type(rooms) = 'array'),
    sockets            TEXT NOT NULL CHECK (sockets = '[]' OR json_type(sockets) = 'array'),
    excluded           TEXT NOT NULL CHECK (excluded = '[]' OR json_type(excluded) = 'array'),
    excluded_sockets   TEXT NOT NULL DEFAULT '[]'
                       CHECK (excluded_sockets = '[]' OR json_type(excluded_sockets) = 'array'),
    volatile           INTEGER NOT NULL CHECK (volatile IN (0, 1)),
    compress           INTEGER CHECK (compress IN (0, 1)),         -- NULL: the server decides
    zoned              INTEGER NOT NULL DEFAULT 0 CHECK (zoned IN (0, 1)),
    misfire            TEXT NOT NULL DEFAULT 'latest' CHECK (misfire = 'latest' OR misfire IN ('latest', 'skip', 'all')),
    misfire_limit      INTEGER CHECK (misfire_limit > 0),
    grace              INTEGER CHECK (grace >= 0),
    expiry             TEXT CHECK (expiry IS NULL OR json_type(expiry) = 'object'),
    priority           INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 5),
    allow_unheard      INTEGER NOT NULL CHECK (allow_unheard IN (0, 1)),
    acknowledge_within INTEGER CHECK (acknowledge_within > 0),
    labels             TEXT NOT NULL CHECK (labels = '{}' OR json_type(labels) = 'object'),
    reason             TEXT,
    resume_at          INTEGER CHECK (resume_at IS NULL OR state = 'paused'),
    created_at         INTEGER NOT NULL,
    created_by         TEXT NOT NULL,
    updated_at         INTEGER NOT NULL,
    source             TEXT CHECK (source >= '{' AND source < '|'),
    import_id          INTEGER,
    -- Somebody is named: everyone, or rooms or sockets, never both and never nobody.
    CHECK (everyone = (rooms = '[]' AND sockets = '[]'))
) STRICT;
INSERT INTO ordered (id, revision, event, manner, recurring, rendered, state, packed, arguments, rules, timezone, limits, leads, length,
    style, name, namespace, everyone, rooms, sockets, excluded, excluded_sockets, volatile, compress, zoned, misfire, misfire_limit,
    grace, expiry, priority, allow_unheard, acknowledge_within, labels, reason, resume_at, created_at, created_by, updated_at, source,
    import_id)
SELECT id, revision, event, manner, recurring, rendered, state, packed, arguments, rules, timezone, limits, leads, length,
    style, name, namespace, everyone, rooms, sockets, excluded, excluded_sockets, volatile, compress, zoned, misfire, misfire_limit,
    grace, expiry, priority, allow_unheard, acknowledge_within, labels, reason, resume_at, created_at, created_by, updated_at, source,
    import_id
FROM announcements ORDER BY id;
-- Ids of announcements that are gone are not given again.
DELETE FROM sqlite_sequence WHERE name = 'ordered';
INSERT INTO sqlite_sequence (name, seq) SELECT 'ordered', seq FROM sqlite_sequence WHERE name = 'announcements';
DROP TABLE announcements;
ALTER TABLE ordered RENAME TO announcements;

CREATE UNIQUE INDEX announcements_live_name ON announcements (name) WHERE state IN ('scheduled', 'paused');
CREATE INDEX announcements_former_name ON announcements (name)
WHERE name IS NOT NULL AND state NOT IN ('scheduled', 'paused');
CREATE INDEX announcements_zone ON announcements (timezone) WHERE zoned = 1;
CREATE INDEX announcements_resume ON announcements (resume_at) WHERE resume_at IS NOT NULL;
CREATE TRIGGER announcements_words_removed AFTER DELETE ON announcements BEGIN
    DELETE FROM search WHERE rowid = old.id;
END;

PRAGMA user_version = 13;
