//! The job runner: lanes, leases, back-off, schedules, graceful stop. Knows no business.
