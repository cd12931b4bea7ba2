-- Documents that are applied: many announcements, visible all at once.

-- What a document said of the announcement, as compact JSON, to see whether it says something else now; with "drifted" when a
-- command has changed something else than its times since. NULL: it comes from a command, or a command has changed its times.
ALTER TABLE announcements ADD COLUMN source TEXT CHECK (json_type(source) = 'object');

-- With which document it came. It is there for nobody while `imports` says that the document is not complete.
ALTER TABLE announcements ADD COLUMN import_id INTEGER;
CREATE INDEX announcements_import ON announcements (import_id) WHERE import_id IS NOT NULL;

-- A row while a document is being brought in, and until what it brings is queued.
CREATE TABLE imports (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    holder     TEXT NOT NULL,                                      -- the process that brings it in
    renewed_at INTEGER NOT NULL,                                   -- its last sign of life
    complete   INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1))
) STRICT;

-- What such announcements bring to the queue, in its order.
CREATE TABLE staged (
    import_id       INTEGER NOT NULL REFERENCES imports (id),
    due_at          INTEGER NOT NULL,
    rank            INTEGER NOT NULL CHECK (rank BETWEEN 0 AND 4),
    announcement_id INTEGER NOT NULL REFERENCES announcements (id),
    nominal_at      INTEGER NOT NULL,
    phase           TEXT NOT NULL CHECK (length(phase) > 0),
    anchor_at       INTEGER,
    ordinal         INTEGER NOT NULL CHECK (ordinal >= 0),
    handled_at      INTEGER,
    handled_wall    INTEGER,
    handled_ordinal INTEGER NOT NULL CHECK (handled_ordinal >= 0),
    PRIMARY KEY (import_id, due_at, rank, announcement_id, nominal_at, phase)
) STRICT, WITHOUT ROWID;

-- One that is over is looked for by its name, too.
CREATE INDEX announcements_name ON announcements (name) WHERE name IS NOT NULL;

CREATE UNIQUE INDEX staged_announcement ON staged (announcement_id);

-- What a change made of what: JSON {"key":[old,new],...}, of the keys that a document has; NULL: not told.
ALTER TABLE changes ADD COLUMN fields TEXT CHECK (json_type(fields) = 'object');

PRAGMA user_version = 7;
