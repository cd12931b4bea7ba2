-- What a dispatcher needs to know of each announcement that is due, beside its message, in one column: to read as many columns as
-- say it takes longer than all the rest of a claim. It says the same as they do, without what is usual: '{}' for most.

-- JSON {"namespace":...,"rooms":[...],"sockets":[...],"excluded":[...],"excludedSockets":[...],"volatile":true,"compress":...,
-- "misfire":...,"misfireLimit":n,"grace":ms,"expiry":{...},"allowUnheard":true,"acknowledgeWithin":ms,"planned":true}; "planned"
-- where the plan matters: something follows, the message is rendered when it is due, or it ends to be true.
ALTER TABLE announcements ADD COLUMN manner TEXT NOT NULL DEFAULT '{}' CHECK (substr(manner, 1, 1) = '{');
UPDATE announcements SET manner = (
    SELECT json_group_object(name, json(value)) FROM (
        SELECT 'namespace' AS name, json_quote(namespace) AS value WHERE namespace <> '/'
        UNION ALL SELECT 'rooms', rooms WHERE rooms <> '[]'
        UNION ALL SELECT 'sockets', sockets WHERE sockets <> '[]'
        UNION ALL SELECT 'excluded', excluded WHERE excluded <> '[]'
        UNION ALL SELECT 'excludedSockets', excluded_sockets WHERE excluded_sockets <> '[]'
        UNION ALL SELECT 'volatile', 'true' WHERE volatile
        UNION ALL SELECT 'compress', iif(compress, 'true', 'false') WHERE compress IS NOT NULL
        UNION ALL SELECT 'misfire', json_quote(misfire) WHERE misfire <> 'latest'
        UNION ALL SELECT 'misfireLimit', misfire_limit WHERE misfire_limit IS NOT NULL
        UNION ALL SELECT 'grace', grace WHERE grace IS NOT NULL
        UNION ALL SELECT 'expiry', expiry WHERE expiry IS NOT NULL
        UNION ALL SELECT 'allowUnheard', 'true' WHERE allow_unheard
        UNION ALL SELECT 'acknowledgeWithin', acknowledge_within WHERE acknowledge_within IS NOT NULL
        UNION ALL SELECT 'planned', 'true' WHERE recurring OR rendered OR expiry IS NOT NULL
    )
);

-- The members of a batch that are of one instant and phase, one after the other: JSON [[nominal_at,phase,[announcement_id,...]],...].
UPDATE batches SET members = (
    SELECT json_group_array(json_array(
        json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_array(json_extract(value, '$[0]'))
    )) FROM json_each(members)
);

PRAGMA user_version = 10;
