-- What rows of a burst, and of a document that is applied, are checked for costs less and is the same: what is usual is compared
-- first, and each pair of conditions of one thing is one. Only the text of the rules changes, as in V0009.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
SET sql = replace(replace(replace(sql,
    'CHECK (length(phase) > 0)', 'CHECK (phase <> '''')'),
    'CHECK (addressed >= 0)', ''),
    'CHECK (acknowledged >= 0)
    CHECK ((acknowledged IS NULL) = (addressed IS NULL))',
    'CHECK (CASE WHEN acknowledged IS NULL THEN addressed IS NULL ELSE acknowledged >= 0 AND ifnull(addressed, -1) >= 0 END)')
WHERE type = 'table' AND name = 'deliveries';
UPDATE sqlite_schema
SET sql = replace(replace(replace(replace(replace(replace(replace(replace(sql,
    'CHECK (json_type(rooms)', 'CHECK (rooms = ''[]'' OR json_type(rooms)'),
    'CHECK (json_type(sockets)', 'CHECK (sockets = ''[]'' OR json_type(sockets)'),
    'CHECK (json_type(excluded)', 'CHECK (excluded = ''[]'' OR json_type(excluded)'),
    'CHECK (json_type(excluded_sockets)', 'CHECK (excluded_sockets = ''[]'' OR json_type(excluded_sockets)'),
    'CHECK (json_type(labels)', 'CHECK (labels = ''{}'' OR json_type(labels)'),
    'CHECK (json_type(limits)', 'CHECK (limits = ''{}'' OR json_type(limits)'),
    'CHECK (json_type(leads)', 'CHECK (leads = ''[]'' OR json_type(leads)'),
    'CHECK (json_type(style)', 'CHECK (style = ''{}'' OR json_type(style)')
WHERE type = 'table' AND name = 'announcements';
-- That these are JSON is seen when they are read, as with the members of a batch.
UPDATE sqlite_schema
SET sql = replace(replace(replace(sql,
    'CHECK (json_type(arguments) = ''array'')', 'CHECK (substr(arguments, 1, 1) = ''['')'),
    'CHECK (json_type(rules) = ''array'' AND json_array_length(rules) > 0)', 'CHECK (substr(rules, 1, 2) = ''[{'')'),
    'CHECK (json_type(source) = ''object'')', 'CHECK (substr(source, 1, 1) = ''{'')')
WHERE type = 'table' AND name = 'announcements';
UPDATE sqlite_schema
SET sql = replace(sql, 'CHECK (length(phase) > 0)', 'CHECK (phase <> '''')')
WHERE type = 'table' AND name IN ('queue', 'staged');
PRAGMA writable_schema = RESET;

PRAGMA user_version = 11;
