//! A text as the PDUs that carry it: in GSM's alphabet where it fits, else UCS-2; in parts that a phone joins.

use rusmpp::extra::concatenation::SubmitSmMultipartExt as _;
use rusmpp::extra::encoding::gsm7bit::Gsm7BitUnpacked;
use rusmpp::extra::encoding::ucs2::Ucs2;
use rusmpp::pdus::SubmitSm;
use rusmpp::types::COctetString;
use rusmpp::values::{
    IntermediateNotification, MCDeliveryReceipt, Npi, RegisteredDelivery, SmeOriginatedAcknowledgement, Ton,
};

use crate::Text;

/// How many characters of GSM's alphabet one SMS has.
const ALONE: usize = 160;
/// The same where the header of a part takes its share: 153, after the 6 bytes of the header that are counted with it.
const TOGETHER: usize = 159;

/// The PDUs of a text. The error says what the centre could never take.
pub(crate) fn parts(text: &Text) -> Result<Vec<SubmitSm>, String> {
    let frame = frame(text)?;
    let mut parts = gsm(&frame, text, ALONE)
        .and_then(|parts| if parts.len() > 1 { gsm(&frame, text, TOGETHER) } else { Some(parts) })
        .map_or_else(|| ucs2(&frame, text), Ok)?;
    // One receipt for the whole: a phone shows a text once its last part is there.
    if let Some(last) = parts.last_mut() {
        last.registered_delivery = RegisteredDelivery::new(
            MCDeliveryReceipt::McDeliveryReceiptRequestedWhereFinalDeliveryOutcomeIsSuccessOrFailure,
            SmeOriginatedAcknowledgement::default(),
            IntermediateNotification::default(),
            0,
        );
    }
    Ok(parts)
}

/// `None`: it has a character that GSM's alphabet has not.
fn gsm(frame: &SubmitSm, text: &Text, longest: usize) -> Option<Vec<SubmitSm>> {
    let parts = frame.clone().multipart(&text.text).encoder(Gsm7BitUnpacked::new());
    parts.max_short_message_size(longest).reference_u8(text.reference).build().ok()
}

fn ucs2(frame: &SubmitSm, text: &Text) -> Result<Vec<SubmitSm>, String> {
    let parts = frame.clone().multipart(&text.text).encoder(Ucs2::new()).reference_u8(text.reference);
    parts.build().map_err(|_| "the text is too long, or has a character that no SMS can have".to_owned())
}

fn frame(text: &Text) -> Result<SubmitSm, String> {
    let address = |value: &str, what: &str| {
        COctetString::from_string(value.to_owned())
            .map_err(|_| format!("{what} is too long, or not plain letters and digits"))
    };
    let (ton, npi) = kind_of(&text.from);
    Ok(SubmitSm::builder()
        .source_addr_ton(ton)
        .source_addr_npi(npi)
        .source_addr(address(text.from.trim_start_matches('+'), "the sender")?)
        .dest_addr_ton(Ton::International)
        .dest_addr_npi(Npi::Isdn)
        .destination_addr(address(&text.to, "the number")?)
        .build())
}

/// A name, an international number, or a short code.
fn kind_of(sender: &str) -> (Ton, Npi) {
    let digits = sender.trim_start_matches('+');
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        (Ton::Alphanumeric, Npi::Unknown)
    } else if digits.len() > 8 {
        (Ton::International, Npi::Isdn)
    } else {
        (Ton::NetworkSpecific, Npi::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use rusmpp::values::DataCoding;

    use super::*;

    fn of(text: &str) -> Vec<SubmitSm> {
        let text = Text { from: "Kopi".into(), to: "6281234567890".into(), text: text.into(), reference: 7 };
        parts(&text).unwrap()
    }

    #[test]
    fn a_text_is_cut_where_phones_expect_it() {
        for (text, coding, lengths) in [
            ("Halo".to_owned(), DataCoding::McSpecific, vec![4]),
            ("a".repeat(160), DataCoding::McSpecific, vec![160]),
            ("a".repeat(161), DataCoding::McSpecific, vec![159, 14]),
            ("a".repeat(306), DataCoding::McSpecific, vec![159, 159]),
            ("é".repeat(160), DataCoding::McSpecific, vec![160]),
            ("中".repeat(70), DataCoding::Ucs2, vec![140]),
            ("中".repeat(71), DataCoding::Ucs2, vec![140, 14]),
        ] {
            let parts = of(&text);
            assert!(parts.iter().all(|part| part.data_coding == coding), "{text}");
            assert_eq!(
                parts.iter().map(|part| part.short_message().len()).collect::<Vec<_>>(),
                lengths,
                "{text}"
            );
            let header = |part: &SubmitSm| part.short_message().as_ref()[..6].to_vec();
            if let [first, second] = &parts[..] {
                assert_eq!(header(first), [5, 0, 3, 7, 2, 1]);
                assert_eq!(header(second), [5, 0, 3, 7, 2, 2]);
            }
        }
    }

    #[test]
    fn one_receipt_is_asked_for() {
        let parts = of(&"a".repeat(200));
        let asked: Vec<u8> = parts.iter().map(|part| part.registered_delivery.into()).collect();
        assert_eq!(asked, [0, 1]);
    }

    #[test]
    fn senders_are_named_or_numbered() {
        assert_eq!(kind_of("KopiSenja"), (Ton::Alphanumeric, Npi::Unknown));
        assert_eq!(kind_of("+628111222333"), (Ton::International, Npi::Isdn));
        assert_eq!(kind_of("89887"), (Ton::NetworkSpecific, Npi::Unknown));
    }
}
