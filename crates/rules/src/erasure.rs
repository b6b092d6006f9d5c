//! What people ask for about themselves: how far it is.

text_enum! {
    /// Whether somebody is erased.
    pub enum ErasureState {
        /// It is under way.
        Running = "running",
        /// Nothing is left but the certificate.
        Done = "done",
    }
}

text_enum! {
    /// What is being erased, in this order.
    pub enum ErasureStep {
        /// Files, messages, conversations and notes.
        Conversations = "conversations",
        /// What came in by webhook, as it came: how much of it there is.
        Webhooks = "webhooks",
        /// The same: it goes.
        Bodies = "bodies",
        /// Rows of files that were brought in.
        Imports = "imports",
        /// The contact, its names and its ledger.
        Contact = "contact",
        /// What the index of words still holds of words that are gone.
        Words = "words",
    }
}

text_enum! {
    /// Whether all that is held about a person is put together.
    pub enum ContactExportState {
        /// It is being put together.
        Waiting = "waiting",
        /// It can be downloaded, until it goes away.
        Ready = "ready",
    }
}

text_enum! {
    /// What an organisation may keep no longer than it says.
    pub enum Kept {
        /// Conversations in which nothing was said for so long, with all messages, files and notes.
        Conversations = "conversations",
        /// Messages that were begun by us: why each went out or did not, and what went out on other channels.
        Outreach = "outreach",
        /// Whom notifications went through.
        Notifications = "notifications",
        /// The audit log.
        Audit = "audit",
    }
}

impl Kept {
    /// The fewest days that one may say: what is done has to be answered for a while, caps count what went out before, and
    /// a notification that has forgotten whom it reached could reach them again.
    pub fn fewest_days(self) -> i64 {
        match self {
            Self::Conversations => 7,
            Self::Outreach => 90,
            Self::Notifications => 365,
            Self::Audit => 365,
        }
    }
}
