-- Business-initiated intentions counted by day, so that the rates of a year cost no more than those of a day.
CREATE TABLE outreach_daily (
    org_id uuid NOT NULL,
    -- Days since 1970 in the organisation's time zone.
    day BIGINT NOT NULL,
    number_id uuid NOT NULL,
    template_name TEXT NOT NULL,
    -- Nil: not part of a notification.
    notification_id uuid NOT NULL,
    intended BIGINT NOT NULL,
    opted_in BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    fallen_back BIGINT NOT NULL,
    handed BIGINT NOT NULL,
    in_window BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    read BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    PRIMARY KEY (org_id, day, number_id, template_name, notification_id)
);

-- How far an organisation's days are counted.
CREATE TABLE outreach_counted (
    org_id uuid PRIMARY KEY,
    timezone TEXT NOT NULL,
    -- What became known since then has not been counted.
    until BIGINT NOT NULL,
    -- Days up to this one are read from their counts, later ones from the intentions themselves.
    last_day BIGINT NOT NULL
);

CREATE INDEX outreach_by_outcome ON outreach (org_id, outcome_at);

ALTER TABLE outreach_daily ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON outreach_daily TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
ALTER TABLE outreach_counted ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON outreach_counted TO sapa_tenant USING (array_position((SELECT current_orgs()), org_id) IS NOT NULL);
