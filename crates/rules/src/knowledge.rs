//! The words of knowledge: what sources are made of, and where they stand.

text_enum! {
    /// What a source is made of.
    pub enum SourceKind {
        /// Text typed in.
        Text = "text",
        /// Question–answer pairs.
        Pairs = "pairs",
        /// An uploaded file.
        File = "file",
        /// Question–answer pairs that came of correcting the AI's answers; an organisation has one such source.
        Corrections = "corrections",
    }
}

text_enum! {
    /// Where a source stands.
    pub enum SourceState {
        /// Waiting to be read.
        Pending = "pending",
        /// Read; its passages answer questions.
        Ready = "ready",
        /// Could not be read; `problem` says why.
        Failed = "failed",
    }
}

text_enum! {
    /// How a passage is ranked and answered from.
    pub enum PassageKind {
        /// A part of a document.
        Text = "text",
        /// A question with its answer.
        Pair = "pair",
    }
}

text_enum! {
    /// How composing an answer ended.
    pub enum Verdict {
        /// The passages support an answer.
        Answered = "answered",
        /// They do not, and the answer says so.
        Refused = "refused",
        /// A greeting, thanks and the like.
        SmallTalk = "small_talk",
        /// The contact wants a person.
        HandOff = "hand_off",
    }
}
