//! What a message centre delivers: receipts of texts, and texts that people write.

use rusmpp::pdus::DeliverSm;
use rusmpp::tlvs::TlvValue;
use rusmpp::values::{DataCoding, GsmFeatures, MessageState, MessageType};

/// Something that the centre delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// What became of a text.
    Receipt {
        /// The centre's name for the text.
        message_id: String,
        /// What became of it.
        state: ReceiptState,
        /// The centre's own word and error.
        words: String,
    },
    /// Somebody wrote.
    Text {
        /// Who, as the centre names them.
        from: String,
        /// To which of our senders.
        to: String,
        /// What.
        text: String,
    },
}

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReceiptState {
    /// It is on the phone.
    Delivered,
    /// It will not be.
    Failed,
    /// Not known yet.
    UnderWay,
}

pub(crate) fn read(delivered: &DeliverSm) -> Heard {
    let is_receipt = delivered.esm_class.message_type == MessageType::ShortMessageContainsMCDeliveryReceipt;
    if is_receipt { receipt(delivered) } else { text(delivered) }
}

/// By its fields where there are any (SMPP 3.4, 5.3.2.12 and .35), else by the usual text (appendix B).
fn receipt(delivered: &DeliverSm) -> Heard {
    let told = String::from_utf8_lossy(&body(delivered)).into_owned();
    let field = |name: &str| {
        let (_, rest) = told.split_once(&format!("{name}:"))?;
        rest.split_whitespace().next().map(str::to_owned)
    };
    let mut message_id = field("id").unwrap_or_default();
    let word = field("stat").unwrap_or_default();
    let mut state = match word.to_ascii_uppercase().get(..5).unwrap_or_default() {
        "DELIV" => ReceiptState::Delivered,
        "EXPIR" | "DELET" | "UNDEL" | "REJEC" => ReceiptState::Failed,
        _ => ReceiptState::UnderWay,
    };
    for value in delivered.tlvs().iter().filter_map(|tlv| tlv.value()) {
        match value {
            TlvValue::ReceiptedMessageId(id) => message_id = id.as_str().to_owned(),
            TlvValue::MessageState(said) => state = of(*said),
            _ => {}
        }
    }
    let error = field("err").filter(|error| error.bytes().any(|byte| byte != b'0'));
    let words = error.map_or_else(|| word.clone(), |error| format!("{word}, error {error}"));
    Heard::Receipt { message_id, state, words }
}

fn of(state: MessageState) -> ReceiptState {
    match state {
        MessageState::Delivered => ReceiptState::Delivered,
        MessageState::Expired
        | MessageState::Deleted
        | MessageState::Undeliverable
        | MessageState::Rejected => ReceiptState::Failed,
        _ => ReceiptState::UnderWay,
    }
}

fn text(delivered: &DeliverSm) -> Heard {
    let mut bytes = body(delivered);
    let has_header = matches!(
        delivered.esm_class.gsm_features,
        GsmFeatures::UdhiIndicator | GsmFeatures::SetUdhiAndReplyPath
    );
    if has_header && let Some(length) = bytes.first().map(|length| usize::from(*length) + 1) {
        bytes.drain(..length.min(bytes.len()));
    }
    let text = match delivered.data_coding {
        DataCoding::Ucs2 => {
            let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            String::from_utf16_lossy(&units.collect::<Vec<_>>())
        }
        DataCoding::Latin1 => bytes.iter().map(|byte| char::from(*byte)).collect(),
        // What people write as a word of command is the same in GSM's alphabet and in ASCII.
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    };
    Heard::Text {
        from: delivered.source_addr.as_str().to_owned(),
        to: delivered.destination_addr.as_str().to_owned(),
        text,
    }
}

/// What is said, wherever it stands.
fn body(delivered: &DeliverSm) -> Vec<u8> {
    let apart = delivered.tlvs().iter().find_map(|tlv| match tlv.value() {
        Some(TlvValue::MessagePayload(payload)) => Some(payload.value.as_ref().to_vec()),
        _ => None,
    });
    apart.unwrap_or_else(|| delivered.short_message().as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use rusmpp::types::{COctetString, OctetString};
    use rusmpp::values::EsmClass;

    use super::*;

    fn delivered(esm_class: u8, coding: DataCoding, body: &[u8]) -> Heard {
        read(
            &DeliverSm::builder()
                .source_addr(COctetString::from_static_slice(b"6281234567890\0").unwrap())
                .destination_addr(COctetString::from_static_slice(b"89887\0").unwrap())
                .esm_class(EsmClass::from(esm_class))
                .data_coding(coding)
                .short_message(OctetString::from_slice(body).unwrap())
                .build(),
        )
    }

    #[test]
    fn receipts_are_read_from_their_text() {
        for (stat, state, words) in [
            ("stat:DELIVRD err:000", ReceiptState::Delivered, "DELIVRD"),
            ("stat:UNDELIV err:011", ReceiptState::Failed, "UNDELIV, error 011"),
            ("stat:EXPIRED err:000", ReceiptState::Failed, "EXPIRED"),
            ("stat:ENROUTE err:000", ReceiptState::UnderWay, "ENROUTE"),
        ] {
            let body = format!(
                "id:0A1B sub:001 dlvrd:001 submit date:2611211200 done date:2611211201 {stat} text:Halo"
            );
            let message_id = "0A1B".to_owned();
            assert_eq!(
                delivered(0b100, DataCoding::McSpecific, body.as_bytes()),
                Heard::Receipt { message_id, state, words: words.into() }
            );
        }
    }

    #[test]
    fn what_people_write_is_read_in_their_characters() {
        let said =
            |text: &str| Heard::Text { from: "6281234567890".into(), to: "89887".into(), text: text.into() };
        assert_eq!(delivered(0, DataCoding::McSpecific, b"STOP"), said("STOP"));
        assert_eq!(delivered(0, DataCoding::Latin1, b"caf\xe9"), said("café"));
        assert_eq!(delivered(0, DataCoding::Ucs2, &[0x4e, 0x2d]), said("中"));
        let part = [&[5, 0, 3, 1, 2, 1][..], b"STOP"].concat();
        assert_eq!(delivered(0b0100_0000, DataCoding::McSpecific, &part), said("STOP"));
    }
}
