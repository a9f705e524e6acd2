-- An attempt that waits for the buyer's authentication is open: it is leased for the completion that brings the result, and ends when
-- its time is over, which is its `next_try`.
DROP INDEX attempt_open;
CREATE INDEX attempt_open ON attempt (next_try, seq)
    WHERE state IN ('reserved', 'authentication_required', 'resolving', 'charging', 'unknown', 'needs_review', 'voiding');
