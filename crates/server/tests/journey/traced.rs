//! The log: every line about a message names what began its way, and none says what was said.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::EnvFilter;

use super::stage::{ANNA, both};

/// What is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// Logs as long as both are held. The second, which writes nothing, is for the library: with only one it asks the
    /// thread that comes by a line first, which may be another journey's, whether the line is of interest to anybody.
    fn begin(&self) -> (DefaultGuard, Dispatch) {
        let writer = self.clone();
        let logging = tracing_subscriber::fmt().json().with_env_filter(EnvFilter::new("trace=debug"));
        let logging = logging.with_writer(move || writer.clone()).finish();
        (tracing::subscriber::set_default(logging), Dispatch::new(tracing_subscriber::registry()))
    }

    /// What was logged since it was asked last, in `(trace, line)`.
    fn taken(&self) -> Vec<(String, String)> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let text = String::from_utf8(bytes).unwrap();
        assert!(!text.contains("Gayo"), "the log says what was said: {text}");
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["fields"].take());
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        lines.map(|fields| (word(&fields["trace"]), word(&fields["message"]))).collect()
    }
}

#[tokio::test]
async fn every_line_about_a_message_names_what_began_it() {
    let log = Log::default();
    let _held = log.begin();
    both(async |stage| {
        stage.knows("Daftar Harga", "Kopi Gayo 250 gram harganya Rp 85.000.").await;
        log.taken();
        stage.asks("Berapa harga kopi Gayo?").await;
        let lines = log.taken();
        let webhook = lines.first().unwrap().0.clone();
        assert!(webhook.starts_with('w'), "{lines:?}");
        for line in ["came in", "accepted", "Meta answered"] {
            assert!(lines.contains(&(webhook.clone(), line.to_owned())), "{line}: {lines:?}");
        }
        // What Meta tells of it later came with webhooks of their own.
        let told = lines.iter().find(|(_, line)| line == "Meta told its state").unwrap();
        assert_ne!(told.0, webhook, "{lines:?}");

        let body =
            json!({ "to": { "phone": format!("+{ANNA}") }, "content": { "type": "text", "body": "Gayo!" } });
        let answer = stage.org.key.post("messages", &body).await;
        let request = answer.headers["x-request-id"].to_str().unwrap().to_owned();
        stage.settle().await;
        let lines = log.taken();
        for line in ["accepted", "Meta answered"] {
            assert!(lines.contains(&(request.clone(), line.to_owned())), "{line}: {lines:?}");
        }
    })
    .await;
}
