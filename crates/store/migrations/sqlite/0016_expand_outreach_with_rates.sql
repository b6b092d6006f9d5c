-- Business-initiated intentions counted by day, so that the rates of a year cost no more than those of a day.
CREATE TABLE outreach_daily (
    org_id BLOB NOT NULL,
    -- Days since 1970 in the organisation's time zone.
    day INTEGER NOT NULL,
    number_id BLOB NOT NULL,
    template_name TEXT NOT NULL,
    -- Nil: not part of a notification.
    notification_id BLOB NOT NULL,
    intended INTEGER NOT NULL,
    opted_in INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    fallen_back INTEGER NOT NULL,
    handed INTEGER NOT NULL,
    in_window INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    read INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    PRIMARY KEY (org_id, day, number_id, template_name, notification_id)
) STRICT;

-- How far an organisation's days are counted.
CREATE TABLE outreach_counted (
    org_id BLOB PRIMARY KEY,
    timezone TEXT NOT NULL,
    -- What became known since then has not been counted.
    until INTEGER NOT NULL,
    -- Days up to this one are read from their counts, later ones from the intentions themselves.
    last_day INTEGER NOT NULL
) STRICT;

CREATE INDEX outreach_by_outcome ON outreach (org_id, outcome_at);
