-- An attempt that awaits the payment of another party is open: its stock is released when its time is over, which is its `next_try`.
DROP INDEX attempt_open;
CREATE INDEX attempt_open ON attempt (next_try, seq)
    WHERE state IN ('reserved', 'authentication_required', 'awaiting', 'resolving', 'charging', 'unknown', 'needs_review', 'voiding');
