//! The languages in which Sapa speaks to people.

text_enum! {
    /// A language in which Sapa speaks to people.
    pub enum Locale {
        /// English.
        En = "en",
        /// Bahasa Indonesia.
        Id = "id",
    }
}

impl Locale {
    /// What is stored; anything unknown is English.
    pub fn read(word: &str) -> Self {
        word.parse().unwrap_or(Self::En)
    }
}
