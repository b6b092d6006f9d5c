-- Forms that are confirmed at a link in a mail or text: when the person was sent it, and why it could not be sent.
ALTER TABLE form_submissions ADD COLUMN asked_at INTEGER;
ALTER TABLE form_submissions ADD COLUMN problem TEXT;
