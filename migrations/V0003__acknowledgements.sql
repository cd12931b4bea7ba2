-- Clients that acknowledge, and sockets that are left out whatever their ids look like.

-- How long acknowledgements are waited for, in milliseconds; NULL: none are asked for.
ALTER TABLE announcements ADD COLUMN acknowledge_within INTEGER CHECK (acknowledge_within > 0);
ALTER TABLE announcements ADD COLUMN excluded_sockets TEXT NOT NULL DEFAULT '[]'
    CHECK (json_type(excluded_sockets) = 'array');

-- How many clients were asked to acknowledge it, and how many did in time; both NULL: not asked, or not known.
ALTER TABLE deliveries ADD COLUMN addressed INTEGER CHECK (addressed >= 0);
ALTER TABLE deliveries ADD COLUMN acknowledged INTEGER CHECK (acknowledged >= 0)
    CHECK ((acknowledged IS NULL) = (addressed IS NULL));

PRAGMA user_version = 3;
