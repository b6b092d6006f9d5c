//! Sessions with a message centre that speaks real PDUs over TCP, and fails on demand.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use carrier::{Carrier, Fault, Options, State, Via};
use futures::future::BoxFuture;
use smpp::{Account, Ear, Error, Handed, Heard, ReceiptState, Session, Text};
use tokio::net::TcpStream;

#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<Heard>>>);

impl Ear for Notes {
    fn hear(&mut self, heard: Heard) -> BoxFuture<'_, bool> {
        self.0.lock().unwrap().push(heard);
        Box::pin(async { true })
    }
}

async fn centre(reports: bool) -> Carrier {
    Carrier::start(Options { listen: "127.0.0.1:0".parse().unwrap(), reports }).await.unwrap()
}

async fn bind(carrier: &Carrier, password: &str) -> Result<Session<TcpStream>, Error> {
    let stream = TcpStream::connect(carrier.smpp).await.unwrap();
    let account = Account { system_id: "kopi".into(), password: password.into(), system_type: String::new() };
    Session::bind(stream, &account).await
}

fn text(words: &str) -> Text {
    Text { from: "Kopi".into(), to: "6281234567890".into(), text: words.into(), reference: 9 }
}

#[tokio::test]
async fn texts_of_every_length_arrive_whole_and_their_receipts_are_heard() {
    let carrier = centre(true).await;
    let mut session = bind(&carrier, carrier::SECRET).await.unwrap();
    let mut notes = Notes::default();
    let long = "Pesanan Anda siap diambil, lihat https://sapa.example/w/a_b-c. ".repeat(8);
    let texts = [text("Halo"), text(&long), text("Kopi ☕ sudah siap")];
    let handed = session.submit(&texts, &mut notes).await;
    session.listen(Duration::from_millis(300), &mut notes).await;
    session.unbind().await;
    let arrived = carrier.arrived();
    assert_eq!(arrived.iter().map(|one| one.parts).collect::<Vec<_>>(), [1, 4, 1]);
    for (arrived, sent) in arrived.iter().zip(&texts) {
        assert_eq!((&arrived.text, &arrived.to), (&sent.text, &sent.to));
    }
    let names: Vec<_> = handed
        .iter()
        .map(|handed| match handed {
            Handed::Taken(name) => name.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    let receipts: Vec<_> = notes.0.lock().unwrap().iter().cloned().collect();
    for name in names {
        let receipt = receipts.iter().find_map(|heard| match heard {
            Heard::Receipt { message_id, state, .. } if *message_id == name => Some(*state),
            _ => None,
        });
        assert_eq!(receipt, Some(ReceiptState::Delivered), "{receipts:?}");
    }
}

/// Can keep nothing at present.
struct Full;

impl Ear for Full {
    fn hear(&mut self, _: Heard) -> BoxFuture<'_, bool> {
        Box::pin(async { false })
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_told_again_at_the_next_session_and_then_no_more() {
    let carrier = centre(true).await;
    let mut session = bind(&carrier, carrier::SECRET).await.unwrap();
    session.submit(&[text("Halo")], &mut Full).await;
    session.listen(Duration::from_millis(300), &mut Full).await;
    session.unbind().await;
    let mut told = Vec::new();
    for _ in 0..2 {
        let mut notes = Notes::default();
        let mut session = bind(&carrier, carrier::SECRET).await.unwrap();
        session.listen(Duration::from_millis(300), &mut notes).await;
        session.unbind().await;
        told.push(notes.0.lock().unwrap().len());
    }
    assert_eq!(told, [1, 0]);
}

#[tokio::test]
async fn whoever_is_not_let_in_reads_why() {
    let carrier = centre(false).await;
    let Err(Error::NotLetIn(why)) = bind(&carrier, "wrong").await else { panic!("let in") };
    assert!(why.contains("password") && why.contains("0x0000000E"), "{why}");
    let Err(Error::NotLetIn(why)) = bind(&carrier, "far too long").await else { panic!("let in") };
    assert!(why.contains("8 characters"), "{why}");
}

#[tokio::test]
async fn a_centre_that_asks_for_patience_gets_each_text_once() {
    let carrier = centre(false).await;
    let mut session = bind(&carrier, carrier::SECRET).await.unwrap();
    for fault in [Fault::Later, Fault::Later] {
        carrier.fault(Via::Smpp, fault);
    }
    let texts = [text("satu"), text("dua"), text("tiga")];
    let handed = session.submit(&texts, &mut Notes::default()).await;
    assert!(handed.iter().all(|handed| matches!(handed, Handed::Taken(_))), "{handed:?}");
    let mut arrived: Vec<_> = carrier.arrived().into_iter().map(|one| one.text).collect();
    arrived.sort();
    assert_eq!(arrived, ["dua", "satu", "tiga"]);
}

#[tokio::test]
async fn what_is_refused_is_told_and_hinders_no_other() {
    let carrier = centre(false).await;
    let mut session = bind(&carrier, carrier::SECRET).await.unwrap();
    carrier.fault(Via::Smpp, Fault::Refuse);
    let handed = session.submit(&[text("satu"), text("dua")], &mut Notes::default()).await;
    assert!(matches!(&handed[0], Handed::Refused(why) if why.contains("does not exist")), "{handed:?}");
    assert!(matches!(&handed[1], Handed::Taken(_)), "{handed:?}");
    assert_eq!(carrier.arrived().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_not_known_and_never_sent_again() {
    let carrier = centre(false).await;
    let mut session = bind(&carrier, carrier::SECRET).await.unwrap();
    carrier.fault(Via::Smpp, Fault::Drop);
    let texts: Vec<_> = (0..20).map(|n| text(&format!("nomor {n}"))).collect();
    let handed = session.submit(&texts, &mut Notes::default()).await;
    assert!(!session.is_open());
    assert!(matches!(&handed[0], Handed::Unknown(_)), "{handed:?}");
    // As many as may be out at once are not known; the others were never handed over.
    let later = handed.iter().filter(|handed| matches!(handed, Handed::Later(_))).count();
    assert!(later >= 10 && !handed.iter().any(|handed| matches!(handed, Handed::Taken(_))), "{handed:?}");
    assert_eq!(carrier.arrived().len(), 1, "taken, though nobody said so");
}

#[tokio::test]
async fn what_people_answer_and_what_became_of_texts_waits_for_the_next_session() {
    let carrier = centre(false).await;
    let mut session = bind(&carrier, carrier::SECRET).await.unwrap();
    session.submit(&[text("Halo")], &mut Notes::default()).await;
    session.unbind().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    let id = carrier.arrived()[0].id;
    carrier.reply(id, "STOP").await;
    carrier.report(id, State::Failed).await;
    let mut notes = Notes::default();
    let mut session = bind(&carrier, carrier::SECRET).await.unwrap();
    session.listen(Duration::from_millis(300), &mut notes).await;
    session.unbind().await;
    let heard = notes.0.lock().unwrap();
    assert!(
        heard.contains(&Heard::Text { from: "6281234567890".into(), to: "Kopi".into(), text: "STOP".into() }),
        "{heard:?}"
    );
    assert!(
        heard.iter().any(|one| matches!(one, Heard::Receipt { state: ReceiptState::Failed, words, .. } if words.contains("UNDELIV"))),
        "{heard:?}"
    );
}
