-- Where a message goes, among the destinations of its kind, so that one that hangs holds up its own messages only.
ALTER TABLE outbox ADD COLUMN destination TEXT;
