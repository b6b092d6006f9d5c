//! Meta's numeric limits, in one place, with the pages they come from.
//!
//! Lengths are in characters, sizes in bytes, times in seconds.

use crate::webhook::MediaKind;

/// Text of a message. (messages/text-messages, 2025-11)
pub const TEXT: usize = 4096;
/// Caption of an image, video or document.
pub const CAPTION: usize = 1024;
/// What we may attach to a message to find it by in its statuses; 256 until 2026.
pub const CALLBACK_DATA: usize = 512;
/// Address cards in a message; older pages advised up to 257, the newest schema allows five.
pub const CONTACTS: usize = 257;

/// Interactive messages. (messages/interactive-*, 2025-11)
pub mod interactive {
    /// Body, but for a list.
    pub const BODY: usize = 1024;
    /// Body of a list.
    pub const LIST_BODY: usize = 4096;
    /// Header text.
    pub const HEADER: usize = 60;
    /// Footer text.
    pub const FOOTER: usize = 60;
    /// Reply buttons.
    pub const BUTTONS: usize = 3;
    /// Label of a reply button, of the button that opens a list, of a link.
    pub const BUTTON_TITLE: usize = 20;
    /// Id of a reply button.
    pub const BUTTON_ID: usize = 256;
    /// Sections of a list.
    pub const SECTIONS: usize = 10;
    /// Rows of a list, all sections together.
    pub const ROWS: usize = 10;
    /// Title of a section or row.
    pub const ROW_TITLE: usize = 24;
    /// Id of a row.
    pub const ROW_ID: usize = 200;
    /// Second line of a row.
    pub const ROW_DESCRIPTION: usize = 72;
}

/// Templates, as they are made and as they are sent. (templates/components, 2025-10; templates/overview, 2025-12)
pub mod template {
    /// Name.
    pub const NAME: usize = 512;
    /// Text of a header, as made and as filled in.
    pub const HEADER_TEXT: usize = 60;
    /// Gaps in a header.
    pub const HEADER_GAPS: usize = 1;
    /// Text.
    pub const BODY: usize = 1024;
    /// Text of a limited-time offer.
    pub const OFFER_BODY: usize = 600;
    /// Text of a card.
    pub const CARD_BODY: usize = 160;
    /// Footer.
    pub const FOOTER: usize = 60;
    /// Buttons.
    pub const BUTTONS: u8 = 10;
    /// Label of a button.
    pub const LABEL: usize = 25;
    /// Buttons that open a page.
    pub const URLS: usize = 2;
    /// Address of such a button.
    pub const URL: usize = 2000;
    /// Number that a button calls.
    pub const PHONE: usize = 20;
    /// Payload of a quick reply; not restated in the newest pages.
    pub const PAYLOAD: usize = 256;
    /// Coupon code; 15 in another page.
    pub const COUPON_CODE: usize = 20;
    /// The line that names an offer.
    pub const OFFER: usize = 16;
    /// Fewest and most cards of a carousel.
    pub const CARDS: std::ops::RangeInclusive<usize> = 2..=10;
    /// Fewest and most buttons of a card.
    pub const CARD_BUTTONS: std::ops::RangeInclusive<usize> = 1..=2;
    /// Minutes after which a code ends.
    pub const CODE_MINUTES: std::ops::RangeInclusive<u32> = 1..=90;
    /// Apps that may take a code by themselves.
    pub const APPS: usize = 5;
    /// Hash of such an app's signature.
    pub const APP_HASH: usize = 11;
    /// A text has at least so many words for each gap, and one more; Meta tells the rule, not the figure.
    pub const WORDS_PER_GAP: usize = 2;
    /// Made in an hour for one account.
    pub const PER_HOUR: i64 = 100;
    /// Edits of an approved template in a day …
    pub const EDITS_PER_DAY: i64 = 1;
    /// … and in thirty days.
    pub const EDITS_PER_MONTH: i64 = 10;
    /// So long nobody can make a template of the name of one that was approved and deleted.
    pub const NAME_BLOCKED_SECONDS: i64 = 30 * 24 * 3600;
    /// Templates of an account whose business is not verified …
    pub const UNVERIFIED: i64 = 250;
    /// … and of one whose business is.
    pub const VERIFIED: i64 = 6000;
    /// How long an authentication message may be on its way; −1 stands for thirty days.
    pub const AUTHENTICATION_TTL: std::ops::RangeInclusive<i64> = 30..=900;
    /// The same of a utility message.
    pub const UTILITY_TTL: std::ops::RangeInclusive<i64> = 30..=43_200;
    /// The same of a marketing message.
    pub const MARKETING_TTL: std::ops::RangeInclusive<i64> = 43_200..=2_592_000;
}

/// Business profile. (business-phone-numbers, 2026-09)
pub mod profile {
    /// About line.
    pub const ABOUT: usize = 139;
    /// Address.
    pub const ADDRESS: usize = 256;
    /// Description.
    pub const DESCRIPTION: usize = 512;
    /// E-mail address.
    pub const EMAIL: usize = 128;
    /// Web sites.
    pub const WEBSITES: usize = 2;
    /// Length of each.
    pub const WEBSITE: usize = 256;
    /// The trades that a profile may name; the empty word takes it away.
    pub const VERTICALS: &[&str] = &[
        "",
        "ALCOHOL",
        "APPAREL",
        "AUTO",
        "BEAUTY",
        "EDU",
        "ENTERTAIN",
        "EVENT_PLAN",
        "FINANCE",
        "GOVT",
        "GROCERY",
        "HEALTH",
        "HOTEL",
        "MATRIMONY_SERVICE",
        "NONPROFIT",
        "NOT_A_BIZ",
        "ONLINE_GAMBLING",
        "OTC_DRUGS",
        "OTHER",
        "PHYSICAL_GAMBLING",
        "PROF_SERVICES",
        "RESTAURANT",
        "RETAIL",
        "TRAVEL",
        "UNDEFINED",
    ];
}

/// The service window after a person's last message or call.
pub const SERVICE_WINDOW_SECONDS: i64 = 24 * 3600;
/// The life of a signup code.
pub const SIGNUP_CODE_SECONDS: i64 = 30;
/// The life of a media address.
pub const MEDIA_URL_SECONDS: i64 = 5 * 60;
/// The life of a media id that came with a message.
pub const INBOUND_MEDIA_SECONDS: i64 = 7 * 24 * 3600;
/// The life of a media id we uploaded.
pub const UPLOADED_MEDIA_SECONDS: i64 = 30 * 24 * 3600;
/// How long the typing indicator shows at most.
pub const TYPING_SECONDS: i64 = 25;
/// How long after its arrival a message may still be marked read or reacted to.
pub const MARK_READ_SECONDS: i64 = 30 * 24 * 3600;
/// How long Meta tries to deliver a message.
pub const DELIVERY_SECONDS: i64 = 30 * 24 * 3600;
/// How long Meta repeats a webhook that was not answered with 200.
pub const WEBHOOK_RETRY_SECONDS: i64 = 7 * 24 * 3600;
/// The largest webhook body.
pub const WEBHOOK_BYTES: usize = 3 * 1024 * 1024;
/// Messages a second and number.
pub const MESSAGES_PER_SECOND: u32 = 80;
/// The same for a number also used in the WhatsApp Business app.
pub const COEXISTENCE_MESSAGES_PER_SECOND: u32 = 20;
/// Messages a second and number after Meta's upgrade.
pub const UPGRADED_MESSAGES_PER_SECOND: u32 = 1_000;
/// How many messages a second Meta takes of a number, in and out together, by its `throughput` and whether it stays in the
/// phone app.
pub fn messages_per_second(throughput: Option<&str>, on_business_app: bool) -> u32 {
    match throughput {
        _ if on_business_app => COEXISTENCE_MESSAGES_PER_SECOND,
        Some("HIGH") => UPGRADED_MESSAGES_PER_SECOND,
        _ => MESSAGES_PER_SECOND,
    }
}
/// One message to the same person in so many seconds …
pub const PAIR_SECONDS: i64 = 6;
/// … after a burst of so many.
pub const PAIR_BURST: u32 = 45;
/// Registrations and deregistrations of a number in 72 hours.
pub const REGISTRATIONS: u32 = 10;
/// The window of [`REGISTRATIONS`].
pub const REGISTRATION_SECONDS: i64 = 72 * 3600;
/// People blocked or unblocked in one call.
pub const BLOCK_BATCH: usize = 1000;
/// The largest file of any kind.
pub const MEDIA_BYTES: u64 = 100 * MB;
/// A still sticker.
pub const STILL_STICKER_BYTES: u64 = 100 * KB;
/// A voice note that shows the play button at once.
pub const VOICE_NOTE_BYTES: u64 = 512 * KB;

const KB: u64 = 1024;
const MB: u64 = 1024 * KB;

/// The largest file of a kind that may be sent; a moving sticker for stickers. (media, 2025-12)
pub fn media_bytes(kind: MediaKind) -> u64 {
    match kind {
        MediaKind::Image => 5 * MB,
        MediaKind::Video | MediaKind::Audio => 16 * MB,
        MediaKind::Document => MEDIA_BYTES,
        MediaKind::Sticker => 500 * KB,
    }
}

/// The MIME types of a kind that may be uploaded. (media, 2025-12; other documents pass in practice, but the
/// list is what Meta promises.)
pub fn media_types(kind: MediaKind) -> &'static [&'static str] {
    match kind {
        MediaKind::Image => &["image/jpeg", "image/png"],
        MediaKind::Video => &["video/mp4", "video/3gpp"],
        MediaKind::Audio => &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"],
        MediaKind::Sticker => &["image/webp"],
        MediaKind::Document => &[
            "text/plain",
            "application/pdf",
            "application/msword",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.ms-excel",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ],
    }
}

/// The kind in which a file of this MIME type is sent; parameters after `;` do not matter.
pub fn media_kind(mime: &str) -> Option<MediaKind> {
    let essence = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    MediaKind::ALL.into_iter().find(|kind| media_types(*kind).contains(&essence.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_leads_to_its_kind() {
        assert_eq!(media_kind("image/webp"), Some(MediaKind::Sticker));
        assert_eq!(media_kind("Audio/OGG; codecs=opus"), Some(MediaKind::Audio));
        assert_eq!(media_kind("text/csv"), None);
        for kind in MediaKind::ALL {
            for mime in media_types(kind) {
                assert_eq!(media_kind(mime), Some(kind));
            }
            assert!(media_bytes(kind) <= MEDIA_BYTES);
        }
    }
}
