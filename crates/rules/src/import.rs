//! Bringing in people and records that an organisation has already: what columns may be, and what becomes of a row.

use std::collections::HashSet;

text_enum! {
    /// What the rows of a file are.
    pub enum ImportOf {
        /// People.
        Contacts = "contacts",
        /// Business records.
        Records = "records",
    }
}

text_enum! {
    /// How far an import is.
    pub enum ImportState {
        /// Its file is read, and a person has yet to say which column is what.
        Uploaded = "uploaded",
        /// Every row is looked at; nothing is changed.
        Checking = "checking",
        /// It is known what would happen.
        Checked = "checked",
        /// Rows become contacts or records.
        Running = "running",
        /// Every row was gone through.
        Done = "done",
        /// Somebody stopped it. What was done stays.
        Cancelled = "cancelled",
        /// It is taken back, row by row.
        Undoing = "undoing",
        /// It was taken back.
        Undone = "undone",
    }
}

text_enum! {
    /// What becomes, or would become, of a row.
    pub enum RowVerdict {
        /// A contact or record is made.
        New = "new",
        /// One that was there changes.
        Updated = "updated",
        /// All of it was known.
        Unchanged = "unchanged",
        /// It cannot be taken as it is.
        Faulty = "faulty",
        /// This person was erased and asked not to be written to.
        Suppressed = "suppressed",
    }
}

text_enum! {
    /// What may be wrong with a row, or worth knowing about it.
    pub enum RowFault {
        /// There is no phone number.
        PhoneMissing = "phone_missing",
        /// What stands there is none.
        PhoneWrong = "phone_wrong",
        /// The name is too long.
        NameTooLong = "name_too_long",
        /// This is no e-mail address.
        EmailWrong = "email_wrong",
        /// This is no language tag.
        LanguageWrong = "language_wrong",
        /// There is no such time zone.
        TimezoneWrong = "timezone_wrong",
        /// Labels are too many or too long.
        LabelsWrong = "labels_wrong",
        /// Neither yes nor no.
        ConsentWrong = "consent_wrong",
        /// A yes without how or to which words.
        EvidenceMissing = "evidence_missing",
        /// No channel is called so.
        ChannelWrong = "channel_wrong",
        /// This is no day.
        DateWrong = "date_wrong",
        /// It has yet to come.
        DateInFuture = "date_in_future",
        /// The person has refused, and a file does not change that.
        OptOutWins = "opt_out_wins",
        /// The person refused after the day of this yes.
        OptOutAfter = "opt_out_after",
        /// The organisation calls the person something else so far.
        Renamed = "renamed",
        /// A row before it is about the same person.
        PersonTwice = "person_twice",
        /// A record without what it is called elsewhere.
        ExternalIdMissing = "external_id_missing",
        /// That is too long.
        ExternalIdWrong = "external_id_wrong",
        /// A row before it has the same.
        ExternalIdTwice = "external_id_twice",
        /// What another system calls the person is too long.
        ReferenceWrong = "reference_wrong",
        /// It names somebody, and nothing by which to know them.
        ContactUnknown = "contact_unknown",
        /// This is no number.
        NumberWrong = "number_wrong",
        /// Neither yes nor no.
        FlagWrong = "flag_wrong",
        /// There is more in it than a record holds.
        RecordTooLarge = "record_too_large",
    }
}

text_enum! {
    /// What a column of a file holds.
    pub enum ImportField {
        /// The phone number, by which people are told apart.
        Phone = "phone",
        /// What the organisation calls the person.
        Name = "name",
        /// The e-mail address.
        Email = "email",
        /// The language to write in.
        Language = "language",
        /// The time zone.
        Timezone = "timezone",
        /// Labels, with commas between them.
        Labels = "labels",
        /// Yes or no to messages that serve the person.
        Utility = "consent_utility",
        /// Yes or no to offers and news.
        Marketing = "consent_marketing",
        /// Yes or no to one-time codes.
        Authentication = "consent_authentication",
        /// For which channel the yes or no was given.
        ConsentChannel = "consent_channel",
        /// When the yes or no was given.
        ConsentAt = "consent_at",
        /// How and where it was given.
        ConsentHow = "consent_how",
        /// The words that were agreed to.
        ConsentWording = "consent_wording",
    }
}

impl ImportField {
    /// What columns of this sort are called, in English and Indonesian, the surest word first.
    pub(crate) fn words(self) -> &'static [&'static str] {
        match self {
            Self::Phone => &[
                "phone",
                "telepon",
                "whatsapp",
                "no hp",
                "nomor hp",
                "hp",
                "wa",
                "no wa",
                "nomor wa",
                "telp",
                "mobile",
                "handphone",
                "ponsel",
                "nomor",
                "number",
                "tel",
            ],
            Self::Name => {
                &["name", "nama", "full name", "nama lengkap", "customer", "pelanggan", "contact", "kontak"]
            }
            Self::Email => &["email", "e mail", "surel", "mail"],
            Self::Language => &["language", "bahasa", "lang", "locale"],
            Self::Timezone => &["timezone", "time zone", "zona waktu"],
            Self::Labels => {
                &["labels", "label", "tags", "tag", "kategori", "grup", "group", "segment", "segmen"]
            }
            Self::Utility => {
                &["utility", "consent utility", "opt in", "optin", "consent", "izin", "persetujuan", "setuju"]
            }
            Self::Marketing => {
                &["marketing", "consent marketing", "promosi", "promo", "newsletter", "izin promosi"]
            }
            Self::Authentication => &["authentication", "consent authentication", "otp", "kode"],
            Self::ConsentChannel => {
                &["consent channel", "channel", "opt in channel", "saluran izin", "saluran", "kanal"]
            }
            Self::ConsentAt => &[
                "consent at",
                "consent date",
                "opt in date",
                "tanggal izin",
                "tanggal persetujuan",
                "tanggal setuju",
            ],
            Self::ConsentHow => &[
                "consent how",
                "consent source",
                "opt in source",
                "sumber izin",
                "sumber persetujuan",
                "cara setuju",
                "cara izin",
            ],
            Self::ConsentWording => &["consent wording", "wording", "kalimat izin", "kalimat persetujuan"],
        }
    }
}

/// Which column is what, guessed by the headings.
pub fn guess(headings: &[String]) -> Vec<Option<ImportField>> {
    let mut sorts: Vec<(ImportField, Vec<String>)> = ImportField::ALL
        .iter()
        .map(|field| (*field, field.words().iter().map(ToString::to_string).collect()))
        .collect();
    // What is called after consent alone is taken for consent to updates, once every other sort has had its pick.
    sorts.sort_by_key(|(field, _)| *field == ImportField::Utility);
    guess_among(headings, &sorts)
}

/// Which column is of which of these sorts, by the words for each. No sort is guessed twice.
pub(crate) fn guess_among<S: Clone>(headings: &[String], sorts: &[(S, Vec<String>)]) -> Vec<Option<S>> {
    let plain: Vec<String> = headings.iter().map(|heading| plain(heading)).collect();
    let mut columns = vec![None; headings.len()];
    let mut taken = HashSet::new();
    // A heading that is the very word first, then one that has it among others.
    let very = |heading: &str, word: &str| heading == word;
    let among = |heading: &str, word: &str| format!(" {heading} ").contains(&format!(" {word} "));
    for fits in [very as fn(&str, &str) -> bool, among] {
        for (n, (sort, words)) in sorts.iter().enumerate() {
            let found = words.iter().find_map(|word| {
                (0..plain.len()).find(|column| columns[*column].is_none() && fits(&plain[*column], word))
            });
            if let Some(column) = found
                && taken.insert(n)
            {
                columns[column] = Some(sort.clone());
            }
        }
    }
    columns
}

/// Small letters and digits, with one blank between words.
pub(crate) fn plain(heading: &str) -> String {
    let spaced: String =
        heading.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(headings: &[&str]) -> Vec<Option<&'static str>> {
        let headings: Vec<String> = headings.iter().map(ToString::to_string).collect();
        guess(&headings).into_iter().map(|field| field.map(ImportField::as_str)).collect()
    }

    #[test]
    fn headings_are_understood_in_both_languages() {
        assert_eq!(
            guessed(&["Nama Lengkap", "No. HP", "E-mail", "Kota"]),
            [Some("name"), Some("phone"), Some("email"), None]
        );
        assert_eq!(
            guessed(&["Customer name", "Phone", "Tags", "Marketing", "Opt-in date"]),
            [Some("name"), Some("phone"), Some("labels"), Some("consent_marketing"), Some("consent_at")]
        );
    }

    #[test]
    fn the_very_word_goes_before_one_that_is_among_others() {
        assert_eq!(guessed(&["Nomor pelanggan", "Telepon"]), [Some("name"), Some("phone")]);
        assert_eq!(guessed(&["Telepon rumah", "Telepon"]), [None, Some("phone")]);
    }

    #[test]
    fn consent_to_offers_is_not_taken_for_consent_to_updates() {
        assert_eq!(
            guessed(&["HP", "Setuju promo", "Cara setuju"]),
            [Some("phone"), Some("consent_marketing"), Some("consent_how")]
        );
        assert_eq!(
            guessed(&["HP", "Setuju", "Setuju promo"]),
            [Some("phone"), Some("consent_utility"), Some("consent_marketing")]
        );
    }

    #[test]
    fn no_heading_is_no_guess() {
        assert_eq!(guessed(&["A", "B", ""]), [None, None, None]);
    }
}
