//! Whatever a phone does and in whatever order, the statuses that apps are told obey the rules.

mod support;

use proptest::prelude::*;
use serde_json::{Value, json};
use support::Stage;

/// What may be done to a message or a phone.
#[derive(Debug, Clone)]
enum Act {
    Mark(&'static str),
    Online(bool),
    Receipts(&'static str),
    Skip(bool),
    Settle,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let words = prop::sample::select(vec!["accepted", "sent", "delivered", "read", "played", "failed"]);
    let receipts = prop::sample::select(vec!["automatic", "delivered", "no_read", "manual"]);
    let act = prop_oneof![
        4 => words.prop_map(Act::Mark),
        2 => any::<bool>().prop_map(Act::Online),
        1 => receipts.prop_map(Act::Receipts),
        1 => any::<bool>().prop_map(Act::Skip),
        2 => Just(Act::Settle),
    ];
    prop::collection::vec(act, 0..12)
}

async fn play(stage: &Stage, acts: &[Act]) -> Vec<Value> {
    let before = stage.endpoint.values().len();
    stage.control("PATCH", "/people/u1", json!({"online": true, "receipts": "automatic"})).await;
    let wamid = stage.accepted(json!({"type": "text", "text": {"body": "Hi"}})).await;
    for act in acts {
        match act {
            Act::Mark(word) => {
                stage
                    .control_raw("POST", &format!("/messages/{wamid}/status"), json!({"status": word}))
                    .await;
            }
            Act::Online(online) => {
                drop(stage.control("PATCH", "/people/u1", json!({"online": online})).await)
            }
            Act::Receipts(receipts) => {
                drop(stage.control("PATCH", "/people/u1", json!({"receipts": receipts})).await)
            }
            Act::Skip(skip) => {
                drop(stage.control("PATCH", "/settings", json!({"ladder": {"skip_delivered": skip}})).await);
            }
            Act::Settle => stage.settled().await,
        }
    }
    stage.settled().await;
    let values = stage.endpoint.values();
    let statuses = values[before..].iter().filter_map(|value| {
        let status = value.pointer("/statuses/0").filter(|status| status["id"] == wamid.as_str())?;
        let mut status = status.clone();
        status["has_contacts"] = value.get("contacts").is_some().into();
        Some(status)
    });
    statuses.collect()
}

fn rank(status: &Value) -> usize {
    let ladder = ["sent", "delivered", "read", "played", "failed"];
    ladder.iter().position(|word| status["status"] == *word).expect("a status of Meta's")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn statuses_obey_the_ladder(plays in prop::collection::vec(acts(), 1..4)) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let stage = Stage::new().await;
            stage.hello("491700000001").await;
            stage.control("PATCH", "/settings", json!({"ladder": {"sent_ms": 0, "delivered_ms": 1, "read_ms": 1}})).await;
            for acts in plays {
                let statuses = play(&stage, &acts).await;
                let ranks: Vec<usize> = statuses.iter().map(rank).collect();
                // Each at most once, never falling, nothing after `failed`, `failed` never after `delivered`.
                prop_assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]), "{acts:?}: {ranks:?}");
                prop_assert!(!(ranks.contains(&4) && ranks.iter().any(|rank| (1..4).contains(rank))), "{acts:?}: {ranks:?}");
                // The price is told once: on the first of delivered and read.
                let priced: Vec<usize> =
                    statuses.iter().filter(|status| status.get("pricing").is_some()).map(rank).collect();
                let receipt = ranks.iter().copied().find(|rank| [1, 2].contains(rank));
                prop_assert_eq!(priced, receipt.into_iter().collect::<Vec<_>>(), "{:?}", acts);
                for status in &statuses {
                    let failed = rank(status) == 4;
                    prop_assert_eq!(status["has_contacts"].as_bool(), Some(!failed));
                    prop_assert_eq!(status.get("errors").is_some(), failed);
                    prop_assert_eq!(status.get("recipient_user_id").is_some(), !failed);
                    prop_assert!(status.get("recipient_id").is_some());
                }
            }
            Ok(())
        })?;
    }
}
