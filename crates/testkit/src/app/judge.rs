//! A virus scanner that knows one virus, the one that every scanner must know, and may be away.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use server::media::blob::{ByteStream, peek};
use server::media::scan::{Finding, ScanError, Scanner};

/// What it finds.
pub const VIRUS: &[u8] = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!";

/// The scanner.
#[derive(Debug, Default)]
pub struct Judge {
    is_away: AtomicBool,
}

impl Judge {
    /// One that answers.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Whether it answers from now on.
    pub fn set_away(&self, is_away: bool) {
        self.is_away.store(is_away, Ordering::Relaxed);
    }
}

impl Scanner for Judge {
    fn scan<'a>(
        &'a self,
        bytes: ByteStream<'static>,
    ) -> Pin<Box<dyn Future<Output = Result<Finding, ScanError>> + Send + 'a>> {
        Box::pin(async move {
            if self.is_away.load(Ordering::Relaxed) {
                return Err(ScanError::Away("it is away".to_owned()));
            }
            let (head, _) = peek(bytes, 1 << 20).await.map_err(|error| ScanError::Away(error.to_string()))?;
            let found = head.windows(VIRUS.len()).any(|part| part == VIRUS);
            Ok(if found { Finding::Infected("Eicar-Test-Signature".to_owned()) } else { Finding::Clean })
        })
    }
}
