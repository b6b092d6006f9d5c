//! The letters that a test's server has sent.

use std::sync::{Mutex, PoisonError};

use server::mail::{Mail, Mailer, NotSent};

/// Keeps letters instead of sending them.
#[derive(Default)]
pub struct Mailbox(Mutex<Vec<Mail>>);

impl std::fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mailbox")
    }
}

impl Mailbox {
    /// Takes the letters that have arrived, oldest first.
    pub fn take(&self) -> Vec<Mail> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The token at the end of the link in the one letter that has arrived for an address.
    #[track_caller]
    pub fn token_for(&self, to: &str) -> String {
        let letters = self.take();
        let mine: Vec<&Mail> = letters.iter().filter(|mail| mail.to == to).collect();
        let [letter] = mine[..] else { panic!("{} letters for {to}", mine.len()) };
        let (_, link) = letter.text.split_once('#').expect("a link");
        link.split_whitespace().next().expect("a token").to_owned()
    }
}

impl Mailer for Mailbox {
    fn send(&self, mail: Mail) -> std::pin::Pin<Box<dyn Future<Output = Result<(), NotSent>> + Send + '_>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
        Box::pin(async { Ok(()) })
    }
}
