-- What was announced, what is due, what became of it.
--
-- Instants are milliseconds since 1970-01-01T00:00:00Z. JSON columns hold compact JSON text.
-- A person's commands write `announcements` and `changes`; the dispatcher writes `queue`, `deliveries`, `lease`.

-- One row an announcement: the message, its target, its schedules. The dispatcher never rewrites it, so
-- 'scheduled' with nothing left in `queue` means finished.
CREATE TABLE announcements (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT CHECK (length(name) BETWEEN 1 AND 200),
    revision      INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1),
    event         TEXT NOT NULL CHECK (event NOT IN
                  ('connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener')),
    arguments     TEXT NOT NULL CHECK (json_type(arguments) = 'array'),
    packed        BLOB NOT NULL CHECK (length(packed) > 0),        -- MessagePack of [event, argument, ...]
    namespace     TEXT NOT NULL CHECK (substr(namespace, 1, 1) = '/'),
    everyone      INTEGER NOT NULL CHECK (everyone IN (0, 1)),
    rooms         TEXT NOT NULL CHECK (json_type(rooms) = 'array'),
    sockets       TEXT NOT NULL CHECK (json_type(sockets) = 'array'),
    excluded      TEXT NOT NULL CHECK (json_type(excluded) = 'array'),
    volatile      INTEGER NOT NULL CHECK (volatile IN (0, 1)),
    compress      INTEGER CHECK (compress IN (0, 1)),              -- NULL: the server decides
    rules         TEXT NOT NULL CHECK (json_type(rules) = 'array' AND json_array_length(rules) > 0),
    timezone      TEXT NOT NULL CHECK (length(timezone) > 0),
    recurring     INTEGER NOT NULL CHECK (recurring IN (0, 1)),    -- 0: nothing can follow the first occurrence
    priority      INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 5),
    allow_unheard INTEGER NOT NULL CHECK (allow_unheard IN (0, 1)),
    labels        TEXT NOT NULL CHECK (json_type(labels) = 'object'),
    state         TEXT NOT NULL DEFAULT 'scheduled' CHECK (state IN
                  ('scheduled', 'paused', 'finished', 'cancelled', 'failed')),
    reason        TEXT,
    created_at    INTEGER NOT NULL,
    created_by    TEXT NOT NULL,
    updated_at    INTEGER NOT NULL,
    -- Somebody is named: everyone, or rooms or sockets, never both and never nobody.
    CHECK (everyone = (rooms = '[]' AND sockets = '[]'))
) STRICT;

-- A name belongs to one live announcement.
CREATE UNIQUE INDEX announcements_live_name ON announcements (name) WHERE state IN ('scheduled', 'paused');

-- What is still to be said. A row here is work until it has an outcome in `deliveries`. Its key is the order of
-- dispatch, so that finding and claiming what is due costs the same however much is pending.
CREATE TABLE queue (
    due_at          INTEGER NOT NULL,                              -- when to try: nominal_at, or later after a failure
    rank            INTEGER NOT NULL CHECK (rank BETWEEN 0 AND 4), -- 5 - priority: the most urgent first
    announcement_id INTEGER NOT NULL REFERENCES announcements (id),
    nominal_at      INTEGER NOT NULL,
    phase           TEXT NOT NULL CHECK (length(phase) > 0),
    attempts        INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    error           TEXT,                                          -- why the last attempt did not do
    PRIMARY KEY (due_at, rank, announcement_id, nominal_at, phase)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX queue_occurrence ON queue (announcement_id, nominal_at, phase);

-- What became of each occurrence: exactly one row.
CREATE TABLE deliveries (
    id              INTEGER PRIMARY KEY,
    announcement_id INTEGER NOT NULL REFERENCES announcements (id),
    nominal_at      INTEGER NOT NULL,
    phase           TEXT NOT NULL CHECK (length(phase) > 0),
    outcome         TEXT NOT NULL CHECK (outcome IN
                    ('published', 'unheard', 'missed', 'expired', 'skipped', 'failed', 'cancelled')),
    attempts        INTEGER NOT NULL CHECK (attempts >= 0),
    concluded_at    INTEGER NOT NULL,                              -- published: when Redis had taken it
    receivers       INTEGER CHECK (receivers >= 0),                -- NULL: not known
    error           TEXT,
    UNIQUE (announcement_id, nominal_at, phase)
) STRICT;

-- What people changed after an announcement was made (its making is in its own row).
CREATE TABLE changes (
    id              INTEGER PRIMARY KEY,
    announcement_id INTEGER NOT NULL REFERENCES announcements (id),
    revision        INTEGER NOT NULL CHECK (revision > 1),
    changed_at      INTEGER NOT NULL,
    changed_by      TEXT NOT NULL,
    action          TEXT NOT NULL CHECK (length(action) > 0),
    reason          TEXT,
    UNIQUE (announcement_id, revision)
) STRICT;

-- Who dispatches. A leader moves `counter` every second; a standby that sees it stand still for the lease time, by its own
-- monotonic clock, takes the next term.
CREATE TABLE lease (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    term       INTEGER NOT NULL CHECK (term >= 0),
    counter    INTEGER NOT NULL CHECK (counter >= 0),
    holder     TEXT,                                               -- NULL: released
    renewed_at INTEGER NOT NULL
) STRICT;
INSERT INTO lease (id, term, counter, holder, renewed_at) VALUES (1, 0, 0, NULL, 0);

-- Counts are kept, not scanned: `pending` is the number of rows in `queue`.
CREATE TABLE totals (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL CHECK (value >= 0)
) STRICT, WITHOUT ROWID;
INSERT INTO totals (name, value) VALUES ('pending', 0);

-- Outcomes by the minute in which they were concluded.
CREATE TABLE tallies (
    minute  INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    count   INTEGER NOT NULL CHECK (count >= 0),
    PRIMARY KEY (minute, outcome)
) STRICT, WITHOUT ROWID;

PRAGMA application_id = 1634627171; -- "annc"
PRAGMA user_version = 1;
