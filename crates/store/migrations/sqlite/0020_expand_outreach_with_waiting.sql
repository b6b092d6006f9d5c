-- Whose messages wait for their opt-in is asked with everything that comes in: they are among those that fell back.
CREATE INDEX outreach_fallen_back ON outreach (org_id, contact_id) WHERE verdict = 'fall_back';
DROP INDEX outreach_awaiting;
