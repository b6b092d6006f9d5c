//! Why a source could not be read: the document's own fault, or ours. Stored as a code with its figures; the sentences
//! are made from it when it is shown.

use documents::Refused;
use serde::{Deserialize, Serialize};

/// Why a source could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Trouble {
    /// The document is at fault.
    Document(Refused),
    /// The installation is.
    Ours(Ours),
}

/// What may be wrong with the installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub(super) enum Ours {
    /// The program that reads documents does not start.
    ReaderUnavailable,
    /// The blob store no longer has the bytes.
    FileGone,
    /// The blob store cannot be used.
    StoreUnavailable,
}

impl Trouble {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Document(refused) => refused.code(),
            Self::Ours(Ours::ReaderUnavailable) => "reader_unavailable",
            Self::Ours(Ours::FileGone) => "file_gone",
            Self::Ours(Ours::StoreUnavailable) => "store_unavailable",
        }
    }

    /// The sentence in English.
    pub fn english(&self) -> String {
        match self {
            Self::Document(refused) => refused.english(),
            Self::Ours(Ours::ReaderUnavailable) => {
                "The document could not be read because the reading program does not start on this server. Tell the operator, then read it again.".into()
            }
            Self::Ours(Ours::FileGone) => {
                "The stored file is gone from this server. Upload it again.".into()
            }
            Self::Ours(Ours::StoreUnavailable) => {
                "The stored file could not be opened on this server. Tell the operator, then read it again.".into()
            }
        }
    }

    /// The sentence in Indonesian.
    pub fn indonesian(&self) -> String {
        match self {
            Self::Document(refused) => refused.indonesian(),
            Self::Ours(Ours::ReaderUnavailable) => {
                "Dokumen belum bisa dibaca karena program pembaca tidak berjalan di server ini. Beri tahu operator, lalu baca ulang.".into()
            }
            Self::Ours(Ours::FileGone) => {
                "Berkas yang tersimpan sudah tidak ada di server ini. Unggah lagi.".into()
            }
            Self::Ours(Ours::StoreUnavailable) => {
                "Berkas yang tersimpan tidak bisa dibuka di server ini. Beri tahu operator, lalu baca ulang.".into()
            }
        }
    }
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        Self::Document(refused)
    }
}

impl From<Ours> for Trouble {
    fn from(ours: Ours) -> Self {
        Self::Ours(ours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_trouble_reads_back_with_its_code_and_two_sentences() {
        let troubles = [
            Trouble::from(Refused::ScannedPdf),
            Refused::TooLarge { limit_bytes: 5 }.into(),
            Ours::ReaderUnavailable.into(),
            Ours::FileGone.into(),
            Ours::StoreUnavailable.into(),
        ];
        for trouble in troubles {
            let stored = serde_json::to_value(&trouble).unwrap();
            assert_eq!(stored["code"], trouble.code());
            assert_ne!(trouble.english(), trouble.indonesian());
            assert_eq!(serde_json::from_value::<Trouble>(stored).unwrap(), trouble);
        }
    }
}
