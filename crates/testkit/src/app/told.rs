//! The page that tells of live events, held against what a test has made the server publish.

use std::collections::BTreeMap;

use rules::time::Timestamp;
use serde_json::{Map, Value};
use store::Cursor;
use store::events::EventId;

use super::TestApp;

/// The page.
const PAGE: &str = include_str!("../../../../docs/live-events.md");

/// The fields of every kind on the page, and whether each is always there.
fn page() -> BTreeMap<&'static str, Vec<(&'static str, bool)>> {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    rows.map(|(kind, rest)| {
        let payload = rest.split(" | ").next().unwrap_or_default();
        let fields = payload.split(", ").filter_map(|field| field.strip_prefix('`')?.split_once('`'));
        (kind, fields.map(|(name, mark)| (name, mark != "?")).collect())
    })
    .collect()
}

impl TestApp {
    /// Fails if an event was published that the page does not tell of, or tells of otherwise.
    pub(super) async fn events_are_told(&self) {
        let page = page();
        assert!(page.len() > 10, "docs/live-events.md is read");
        let start = EventId { txid: 0, seq: 0, at: Timestamp(0) };
        let mut tx = self.ctx.store.read().await.expect("a transaction");
        for org in tx.orgs(Cursor::NEWEST, 20).await.expect("organisations").items {
            let mut scope = tx.org(org.id).await.expect("a scope");
            for event in scope.events_after(start, 500).await.expect("events") {
                let kind = event.kind.as_str();
                let fields = page.get(kind).unwrap_or_else(|| panic!("docs/live-events.md lacks `{kind}`"));
                let payload: Map<String, Value> = serde_json::from_str(&event.payload).expect("an object");
                let unknown = payload.keys().find(|name| !fields.iter().any(|(told, _)| told == name));
                let absent = fields.iter().find(|(name, always)| *always && !payload.contains_key(*name));
                assert!(
                    unknown.is_none() && absent.is_none(),
                    "docs/live-events.md tells `{kind}` otherwise than {payload:?}"
                );
            }
        }
    }
}
