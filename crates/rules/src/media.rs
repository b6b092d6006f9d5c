//! The life of a stored file.

text_enum! {
    /// Where a file stands, as far as its bytes go.
    pub enum MediaState {
        /// Known by name only: it is still to be fetched.
        Pending = "pending",
        /// Here.
        Stored = "stored",
        /// It could not be fetched; a person may try again.
        Failed = "failed",
    }
}

text_enum! {
    /// What a virus scanner said of a file.
    pub enum Scan {
        /// It has not answered yet, and until it does nobody opens the file.
        Waiting = "waiting",
        /// Nothing was found.
        Clean = "clean",
        /// A virus was found.
        Infected = "infected",
        /// It has not answered, and the installation does not wait for it.
        Unscanned = "unscanned",
        /// It cannot look at this file, and the installation hands out nothing unseen.
        Unchecked = "unchecked",
    }
}

text_enum! {
    /// Where a file stands for those who want to see it.
    pub enum FileState {
        /// It is still to be fetched.
        Pending = "pending",
        /// It is here, and looked through for viruses before anybody opens it.
        Checking = "checking",
        /// It can be opened.
        Stored = "stored",
        /// It could not be fetched; a person may try again.
        Failed = "failed",
        /// It is kept from everybody: a virus was found in it, or it could not be looked through.
        Blocked = "blocked",
        /// It was deleted when its time was over.
        Expired = "expired",
    }
}

/// Where a file stands, by its bytes, what the scanner said, and whether its time is over.
pub fn standing(state: MediaState, scan: Option<Scan>, is_expired: bool) -> FileState {
    match (state, scan) {
        // What was found in it matters also when it is gone.
        (_, Some(Scan::Infected | Scan::Unchecked)) => FileState::Blocked,
        _ if is_expired => FileState::Expired,
        (MediaState::Pending, _) => FileState::Pending,
        (MediaState::Failed, _) => FileState::Failed,
        (MediaState::Stored, Some(Scan::Waiting)) => FileState::Checking,
        (MediaState::Stored, None | Some(Scan::Clean | Scan::Unscanned)) => FileState::Stored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_be_opened_is_stored() {
        for state in MediaState::ALL {
            for scan in Scan::ALL.iter().copied().map(Some).chain([None]) {
                for is_expired in [false, true] {
                    let open = *state == MediaState::Stored
                        && matches!(scan, None | Some(Scan::Clean | Scan::Unscanned))
                        && !is_expired;
                    let found = standing(*state, scan, is_expired);
                    assert_eq!(
                        found == FileState::Stored,
                        open,
                        "{state:?} {scan:?} {is_expired}: {found:?}"
                    );
                }
            }
        }
        assert_eq!(standing(MediaState::Stored, Some(Scan::Infected), true), FileState::Blocked);
        assert_eq!(standing(MediaState::Stored, Some(Scan::Waiting), false), FileState::Checking);
    }
}
