//! What was seen of a file, as it is kept beside it, and what follows for sending it.

use documents::Preview;
use meta::webhook::MediaKind;
use serde::{Deserialize, Serialize};
use store::media::Media;

/// How a file looks or sounds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Seen {
    pub width: Option<u32>,
    pub height: Option<u32>,
    pub duration_ms: Option<u64>,
    pub waveform: Option<Vec<u8>>,
    pub codecs: Vec<String>,
    pub channels: Option<u8>,
    pub deep_colour: bool,
    pub placeholder: Option<String>,
    /// The small picture's type and length, where there is one.
    pub thumbnail_mime: Option<String>,
    pub thumbnail_size: Option<u64>,
}

impl Seen {
    pub fn of(preview: Preview, thumbnail_size: Option<u64>) -> Self {
        Self {
            width: preview.width,
            height: preview.height,
            duration_ms: preview.duration_ms,
            waveform: preview.waveform,
            codecs: preview.codecs,
            channels: preview.channels,
            deep_colour: preview.deep_colour,
            placeholder: preview.placeholder,
            thumbnail_mime: preview.thumbnail.filter(|_| thumbnail_size.is_some()).map(|small| small.mime),
            thumbnail_size,
        }
    }

    /// What is known of a file; nothing, where nobody looked.
    pub fn read(media: &Media) -> Self {
        let known = media.preview.as_ref().and_then(|json| serde_json::from_value(json.0.clone()).ok());
        known.unwrap_or_default()
    }

    fn has(&self, codecs: &[&str]) -> bool {
        self.codecs.iter().any(|codec| codecs.contains(&codec.as_str()))
    }

    /// Why WhatsApp would refuse it as this, to follow the name of a field. What nobody could see is left to Meta.
    pub fn unfit(&self, kind: MediaKind, as_voice: bool) -> Option<&'static str> {
        match kind {
            MediaKind::Image if self.deep_colour => Some(
                "has colours of 16 bits; WhatsApp takes pictures of 8. Save it as an ordinary PNG or JPEG",
            ),
            MediaKind::Sticker
                if self.width.is_some() && (self.width, self.height) != (Some(512), Some(512)) =>
            {
                Some("is not 512 × 512 pixels, as WhatsApp wants stickers. Send it as an image, or resize it")
            }
            MediaKind::Video if self.has(&["h265", "vp8", "vp9", "av1", "encrypted"]) => Some(
                "is a film in a coding that WhatsApp does not play. Convert it to H.264 with AAC sound, or send it as a document",
            ),
            MediaKind::Video if self.has(&["opus", "flac", "alac", "pcm", "mp3"]) => Some(
                "has sound in a coding that WhatsApp does not play. Convert it to AAC, or send it as a document",
            ),
            MediaKind::Audio if as_voice && self.channels.is_some_and(|channels| channels > 1) => {
                Some("has two channels; a voice note has one. Convert it to mono, or send it as a sound")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_whatsapp_would_refuse_is_told_before_it_does() {
        let seen = |codecs: &[&str]| Seen {
            codecs: codecs.iter().map(ToString::to_string).collect(),
            ..Seen::default()
        };
        let unfit = |seen: &Seen, kind| seen.unfit(kind, false).is_some();
        assert!(
            !unfit(&seen(&["h264", "aac"]), MediaKind::Video)
                && !unfit(&seen(&["unknown"]), MediaKind::Video)
        );
        assert!(
            unfit(&seen(&["h265", "aac"]), MediaKind::Video)
                && unfit(&seen(&["h264", "opus"]), MediaKind::Video)
        );
        let sized = |width, height| Seen { width: Some(width), height: Some(height), ..Seen::default() };
        assert!(!unfit(&sized(512, 512), MediaKind::Sticker) && unfit(&sized(512, 500), MediaKind::Sticker));
        assert!(!unfit(&Seen::default(), MediaKind::Sticker) && !unfit(&sized(9, 9), MediaKind::Image));
        assert!(unfit(&Seen { deep_colour: true, ..Seen::default() }, MediaKind::Image));
        let stereo = Seen { channels: Some(2), ..Seen::default() };
        assert!(
            stereo.unfit(MediaKind::Audio, true).is_some() && stereo.unfit(MediaKind::Audio, false).is_none()
        );
    }
}
