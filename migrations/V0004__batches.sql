-- What is on its way: a batch stands here from before it is sent until its results are recorded.

-- Redis knows the batch by its token: whoever leads after a crash asks there what became of it, and never sends it again.
CREATE TABLE batches (
    token     TEXT PRIMARY KEY CHECK (length(token) > 0),
    term      INTEGER NOT NULL,                                    -- the lease term under which it was sent
    opened_at INTEGER NOT NULL,
    size      INTEGER NOT NULL CHECK (size > 0),
    members   TEXT NOT NULL                                        -- JSON [[announcement_id,nominal_at,phase],...]
              CHECK (json_type(members) = 'array' AND json_array_length(members) = size)
) STRICT, WITHOUT ROWID;

-- What the dispatcher has to complain about at present, for `announce status`.
CREATE TABLE troubles (
    name    TEXT PRIMARY KEY CHECK (length(name) > 0),
    since   INTEGER NOT NULL,
    message TEXT NOT NULL CHECK (length(message) > 0)
) STRICT, WITHOUT ROWID;

-- Counts the changes of announcements by people, so that a dispatcher sees whether what it has read is still so.
INSERT INTO totals (name, value) VALUES ('changes', 0);

PRAGMA user_version = 4;
