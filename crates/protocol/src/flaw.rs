//! Ways of getting the protocol wrong: each breaks a property, which shows that the checker would notice.

/// One thing done wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The attempt is written down with its answer only.
    AttemptNotedAfterwards,
    /// What may have been sent is sent again.
    UnknownIsRetried,
    /// Whoever once claimed a job sends, whether or not it still holds the lease.
    LeaseNeverChecked,
    /// The lease is checked as the last thing before the attempt is noted, so that a worker that has lost it may still
    /// write what it believes of the message.
    LeaseCheckedLast,
    /// The gate is asked when a message is accepted, and not again.
    GateAskedOnce,
    /// The next message of a conversation does not wait.
    NoOrder,
    /// A status is written whatever is known already.
    StatusesOverwrite,
    /// A message is acknowledged before its job is stored.
    JobAfterAcknowledgement,
    /// A webhook is acknowledged before it is stored.
    WebhookAcknowledgedFirst,
    /// Nobody brings what stays unknown to a person.
    NoSweep,
}
