//! Passwords: argon2id, on threads of their own, a few at a time.

use std::sync::LazyLock;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use rules::time::Randomness;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::http::Problem;

/// Each takes 19 MiB and tens of milliseconds of a processor: more at once would only slow each other.
static ROOM: Semaphore = Semaphore::const_new(2);
/// Whoever waits longer than this is sent away.
const PATIENCE: Duration = Duration::from_secs(10);

/// Verified against when there is no password, so that it takes as long as when there is one.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| derive(b"nobody", &[0; 16]));

fn derive(password: &[u8], salt: &[u8; 16]) -> Option<String> {
    let hash: PasswordHash = Argon2::default().hash_password_with_salt(password, salt).ok()?;
    Some(hash.to_string())
}

/// The hash to store, in PHC form.
pub(super) async fn hash_password(
    chance: &dyn Randomness,
    password: SecretString,
) -> Result<String, Problem> {
    let mut salt = [0; 16];
    chance.fill(&mut salt);
    work(move || derive(password.expose_secret().as_bytes(), &salt)).await?.ok_or_else(Problem::unexplained)
}

/// Whether a password is the one that was hashed; without a hash it is not, and that takes as long.
pub(super) async fn verify_password(password: SecretString, hash: Option<String>) -> Result<bool, Problem> {
    work(move || {
        let known = hash.is_some();
        let Some(hash) = hash.or_else(|| NOBODY.clone()) else { return false };
        let matches = PasswordHash::new(&hash).is_ok_and(|hash| {
            Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash).is_ok()
        });
        known && matches
    })
    .await
}

async fn work<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let room = tokio::time::timeout(PATIENCE, ROOM.acquire())
        .await
        .map_err(|_| Problem::busy())?
        .map_err(|_| Problem::busy())?;
    // The thread goes on when the caller hangs up, so the room is the thread's: else hanging up would make room for more.
    let work = move || {
        let _room = room;
        run()
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
}

#[cfg(test)]
mod tests {
    use testkit::Seeded;

    use super::*;

    #[tokio::test]
    async fn only_the_password_itself_verifies() {
        let hash = hash_password(&Seeded::default(), "correct horse".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify_password("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!verify_password("correct house".into(), Some(hash)).await.unwrap());
        assert!(!verify_password("nobody".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn whoever_hangs_up_makes_no_room_while_the_work_goes_on() {
        let (begun, begins) = std::sync::mpsc::channel();
        let (end, ends) = std::sync::mpsc::channel::<()>();
        let working = tokio::spawn(work(move || {
            begun.send(()).unwrap();
            ends.recv().ok();
        }));
        tokio::task::spawn_blocking(move || begins.recv().unwrap()).await.unwrap();
        working.abort();
        assert!(working.await.unwrap_err().is_cancelled());
        assert!(ROOM.available_permits() < 2);
        drop(end);
    }
}
