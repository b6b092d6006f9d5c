//! News of the world for those who watch it live: pages in a browser, and tests.
//!
//! Invariant: news are made from what changed, before the change is journalled, and only while somebody watches.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;

use crate::world::World;

/// One piece of news.
#[derive(Debug, Clone)]
pub(crate) struct News {
    /// What it is about: the name of the server-sent event.
    pub event: &'static str,
    /// The person whose phone it is on, if it is on one.
    pub person: Option<String>,
    /// JSON.
    pub data: Arc<str>,
}

impl News {
    fn new(event: &'static str, person: Option<&str>, data: &impl Serialize) -> Self {
        let data = serde_json::to_string(data).unwrap_or_default();
        Self { event, person: person.map(str::to_owned), data: data.into() }
    }

    /// A log has a new entry.
    pub fn logged(event: &'static str, sequence: u64) -> Self {
        Self::new(event, None, &json!({ "sequence": sequence }))
    }

    /// Everything may have changed.
    pub fn reset() -> Self {
        Self::new("reset", None, &json!({}))
    }
}

/// The news that the changes since the last journal record make.
pub(crate) fn of(world: &World) -> Vec<News> {
    let mut news = Vec::new();
    for (table, ids) in world.touched() {
        let ids: BTreeSet<&String> = ids.iter().collect();
        match table {
            "messages" if world.messages.is_empty() => news.push(News::reset()),
            "messages" => {
                let mut changed: Vec<_> = ids.iter().filter_map(|id| world.messages.get(id)).collect();
                changed.sort_unstable_by_key(|message| message.sequence);
                news.extend(changed.iter().map(|it| News::new("message", Some(&it.person_id), it)));
            }
            "threads" => {
                let threads = ids.iter().filter_map(|id| world.threads.get(id));
                news.extend(threads.map(|thread| News::new("chat", Some(&thread.person_id), thread)));
            }
            "people" => {
                let people = ids.iter().filter_map(|id| world.people.get(id));
                news.extend(people.map(|person| News::new("person", Some(&person.id), person)));
            }
            table => news.push(News::new("world", None, &json!({ "table": table }))),
        }
    }
    news
}
