-- Schedules with bounds and exclusions, windows with leads, templates, and what becomes of late occurrences.

-- JSON {"exclude":[...],"start":...,"until":...,"count":n,"ends":{"ordinal":ms}}; what is not there does not limit.
ALTER TABLE announcements ADD COLUMN limits TEXT NOT NULL DEFAULT '{}' CHECK (json_type(limits) = 'object');
-- How long before each occurrence notices go out, such as ["1d","15m"], and how long it lasts, such as '2h'.
ALTER TABLE announcements ADD COLUMN leads TEXT NOT NULL DEFAULT '[]' CHECK (json_type(leads) = 'array');
ALTER TABLE announcements ADD COLUMN length TEXT CHECK (length(length) > 0);
-- How the arguments become the message of a notice: JSON {"form":...,"text":true,"template":true,"texts":{"kind":"..."}}.
ALTER TABLE announcements ADD COLUMN style TEXT NOT NULL DEFAULT '{}' CHECK (json_type(style) = 'object');
-- 0: the message goes out as it is stored.
ALTER TABLE announcements ADD COLUMN rendered INTEGER NOT NULL DEFAULT 0 CHECK (rendered IN (0, 1));
ALTER TABLE announcements ADD COLUMN misfire TEXT NOT NULL DEFAULT 'latest' CHECK (misfire IN ('latest', 'skip', 'all'));
ALTER TABLE announcements ADD COLUMN misfire_limit INTEGER CHECK (misfire_limit > 0);
ALTER TABLE announcements ADD COLUMN grace INTEGER CHECK (grace >= 0);           -- milliseconds; NULL: the usual
ALTER TABLE announcements ADD COLUMN expiry TEXT CHECK (json_type(expiry) = 'object'); -- {"at":...} or {"after":"1h"}
-- 1: the rules of the zone matter, so the queue is planned anew when they change.
ALTER TABLE announcements ADD COLUMN zoned INTEGER NOT NULL DEFAULT 0 CHECK (zoned IN (0, 1));
UPDATE announcements SET zoned = 1 WHERE rules LIKE '%"wall"%';
CREATE INDEX announcements_zone ON announcements (timezone) WHERE zoned = 1;

-- Of which occurrence a notice is (NULL: it is the occurrence's own moment), and up to where all notices are over: the
-- instant, and what the zone's clocks showed then in milliseconds as if they showed UTC (NULL: the moment before).
ALTER TABLE queue ADD COLUMN anchor_at INTEGER;
ALTER TABLE queue ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 1 CHECK (ordinal >= 0);
ALTER TABLE queue ADD COLUMN handled_at INTEGER;
ALTER TABLE queue ADD COLUMN handled_wall INTEGER;
ALTER TABLE queue ADD COLUMN handled_ordinal INTEGER NOT NULL DEFAULT 0 CHECK (handled_ordinal >= 0);

ALTER TABLE deliveries ADD COLUMN anchor_at INTEGER; -- NULL: nominal_at

-- The rules of each zone by which the queue was planned, to see when they have changed.
CREATE TABLE zones (
    name        TEXT PRIMARY KEY,
    fingerprint INTEGER NOT NULL,
    version     TEXT                                                            -- of the zone data, such as 2026b
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 2;
