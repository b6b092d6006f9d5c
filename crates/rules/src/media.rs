//! The life of a stored file.

text_enum! {
    /// Where a file stands.
    pub enum MediaState {
        /// Known by name only: it is still to be fetched.
        Pending = "pending",
        /// Here.
        Stored = "stored",
        /// It could not be fetched; a person may try again.
        Failed = "failed",
    }
}
