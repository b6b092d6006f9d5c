//! Fuzz targets for everything that reads bytes before it knows whom they come from.
//!
//! Under `cargo test` each runs briefly over its corpus and random input. To fuzz for longer:
//! `cargo bolero test -p meta --test fuzz webhook_parser`. The corpus of the parser is the folder of fixtures.

use std::time::Duration;

use meta::{signature, webhook};

const BRIEFLY: Duration = Duration::from_secs(2);
const LONGEST: usize = 16 * 1024;

/// Reads a body to the end, as the product would, and checks what must hold of any body.
fn read_all(body: &[u8]) {
    let Ok(updates) = webhook::split(body) else { return };
    for update in updates {
        let event = update.event();
        let stored = update.alone();
        let again = webhook::one(&stored).expect("what is stored alone is one update");
        assert_eq!((again.kind, again.key), (update.kind, update.key));
        assert!(again.event() == event);
        if let webhook::Event::Message(message) = event {
            assert!(message.text().is_none_or(|text| !text.is_empty()));
        }
    }
}

#[test]
fn webhook_parser() {
    bolero::check!(name = "webhook_parser").with_test_time(BRIEFLY).with_max_len(LONGEST).for_each(read_all);
}

/// Bodies that were right once: bytes overwritten, cut out and doubled.
#[test]
fn webhook_mutations() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/webhooks");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let bodies: Vec<Vec<u8>> = paths.iter().map(|path| std::fs::read(path).unwrap()).collect();
    bolero::check!(name = "webhook_mutations")
        .with_test_time(BRIEFLY)
        .with_type::<(u8, Vec<(u16, u8)>, (u16, u16), bool)>()
        .for_each(|(which, overwritten, (from, length), doubled)| {
            let mut body = bodies[usize::from(*which) % bodies.len()].clone();
            for (at, byte) in overwritten {
                let at = usize::from(*at) % body.len();
                body[at] = *byte;
            }
            let from = usize::from(*from) % body.len();
            let to = (from + usize::from(*length)).min(body.len());
            let piece: Vec<u8> = body.drain(from..to).collect();
            if *doubled {
                let twice = [piece.as_slice(), &piece].concat();
                body.splice(from..from, twice);
            }
            read_all(&body);
        });
}

#[test]
fn signature_path() {
    const SECRETS: [&[u8]; 2] = [b"0123456789abcdef0123456789abcdef", b"another secret"];
    bolero::check!(name = "signature_path")
        .with_test_time(BRIEFLY)
        .with_type::<(Vec<u8>, Vec<u8>, Vec<u8>, u8)>()
        .for_each(|(header, body, other, at)| {
            // No header that is not computed matches.
            assert!(signature::verify(SECRETS, Some(header), body).is_err());
            let right = signature::sign(SECRETS[1], body);
            assert_eq!(signature::verify(SECRETS, Some(right.as_bytes()), body), Ok(1));
            if other != body {
                assert!(signature::verify(SECRETS, Some(right.as_bytes()), other).is_err());
            }
            let mut wrong = right.into_bytes();
            let at = usize::from(*at) % wrong.len();
            wrong[at] ^= 1;
            assert!(signature::verify(SECRETS, Some(&wrong), body).is_err());
        });
}
