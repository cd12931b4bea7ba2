-- Finds what is to be tried again later than it was due, for when the clock was set back meanwhile.
CREATE INDEX queue_put_off ON queue (due_at) WHERE due_at > nominal_at;

PRAGMA user_version = 5;
