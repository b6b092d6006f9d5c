//! Sources, passages, words and answers.

use rules::id::{AnswerId, ConversationId, MessageId, OrgId, SourceId};
use rules::knowledge::{PassageKind, SourceKind, SourceState};
use rules::time::{Clock as _, Timestamp};
use store::Cursor;
use store::knowledge::{AiEndpoint, NewAnswer, NewPassage, SourceContent, Usage};
use testkit::rows::source;
use testkit::{Seeded, TestClock, both};

fn passage(ordinal: i64, stems: &str) -> NewPassage {
    let mut hash = [0; 16];
    hash[..stems.len().min(16)].copy_from_slice(&stems.as_bytes()[..stems.len().min(16)]);
    NewPassage {
        ordinal,
        kind: PassageKind::Text,
        titles: vec!["Guide".into()],
        body: stems.to_uppercase(),
        language: "en".into(),
        title_stems: "guid".into(),
        text_stems: stems.into(),
        hash,
    }
}

#[tokio::test]
async fn passages_are_found_by_their_stems_and_only_by_their_own_organisation() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let (ours, theirs) = (OrgId::fresh(now, &chance), OrgId::fresh(now, &chance));
        let id = SourceId::fresh(now, &chance);
        let mut tx = db.store.begin().await.unwrap();
        for org in [ours, theirs] {
            let mut scope = tx.org(org).await.unwrap();
            scope.insert_source(&source(id, "Beans", now)).await.unwrap();
            let passages =
                [passage(0, "price bean 10.000"), passage(1, "open hour it's"), passage(2, "deliv bean")];
            scope.replace_passages(id, &passages, now, &chance).await.unwrap();
            scope.settle_source(id, SourceState::Ready, None, "[]", Some("en"), now).await.unwrap();
        }
        tx.commit().await.unwrap();

        let mut tx = db.store.read().await.unwrap();
        let mut scope = tx.org(ours).await.unwrap();
        let stored = scope.source(id).await.unwrap().unwrap();
        assert_eq!((stored.passages, stored.words, stored.state), (3, 8, SourceState::Ready));
        let found = scope.find_passages(&[("bean", 1), ("price", 2)], 50).await.unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].source_title, "Beans");
        let only_title = scope.find_passages(&[("guid", 1), ("deliv", 1)], 1).await.unwrap();
        assert_eq!(only_title[0].body, "DELIV BEAN", "what all hold tells nothing apart");
        assert_eq!((found[0].body.as_str(), found[1].body.as_str()), ("PRICE BEAN 10.000", "DELIV BEAN"));
        for odd in ["it's", "10.000", "\"", "'", "\\", ")"] {
            scope.find_passages(&[(odd, 1)], 5).await.unwrap();
        }
        assert_eq!(scope.find_passages(&[("it's", 1)], 5).await.unwrap().len(), 1);
        assert!(scope.find_passages(&[], 5).await.unwrap().is_empty());
        let counts = scope.word_counts(&["bean", "guid", "nothing"]).await.unwrap();
        assert_eq!((counts.passages, counts.words), (3, 8));
        assert_eq!(counts.frequency.get("bean"), Some(&2));
        assert_eq!(counts.frequency.get("guid"), Some(&3));
        assert_eq!(
            scope.stems_of_length(4, 4).await.unwrap().keys().collect::<Vec<_>>(),
            ["bean", "guid", "hour", "it's", "open"]
        );
        let by_id = scope.find_passages_by_id(&[found[0].id]).await.unwrap();
        assert_eq!(by_id[0].body, found[0].body);
        assert_eq!(scope.sources(Cursor::NEWEST, 10).await.unwrap().items.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_unchanged_passage_keeps_its_id_and_embedding_and_words_are_counted_down() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let (org, id) = (OrgId::fresh(now, &chance), SourceId::fresh(now, &chance));
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.insert_source(&source(id, "Beans", now)).await.unwrap();
        scope
            .replace_passages(id, &[passage(0, "price bean"), passage(1, "open hour")], now, &chance)
            .await
            .unwrap();
        scope.settle_source(id, SourceState::Ready, None, "[]", None, now).await.unwrap();
        let before = scope.passages_of(id, 0, 10).await.unwrap();
        assert_eq!(scope.passages_to_embed("m", 10).await.unwrap().len(), 2);
        scope.set_embedding(before[0].id, "m", &[0.5, -1.0]).await.unwrap();
        assert_eq!(scope.passages_to_embed("m", 10).await.unwrap().len(), 1);

        scope
            .replace_passages(id, &[passage(0, "new first"), passage(1, "price bean")], now, &chance)
            .await
            .unwrap();
        let after = scope.passages_of(id, 0, 10).await.unwrap();
        assert_eq!(after[1].id, before[0].id);
        assert_eq!(scope.embeddings("m").await.unwrap(), [(before[0].id, vec![0.5, -1.0])]);
        assert!(scope.find_passages(&[("hour", 1)], 5).await.unwrap().is_empty());
        assert!(scope.word_counts(&["hour"]).await.unwrap().frequency.is_empty());
        let found = scope.find_passages(&[("price", 1)], 5).await.unwrap();
        assert_eq!(found[0].vector("m"), Some(vec![0.5, -1.0]));
        assert_eq!(found[0].vector("other"), None);
        assert!(scope.passage(before[1].id).await.unwrap().is_none());

        assert!(scope.rename_source(id, "Better beans", now).await.unwrap());
        assert!(scope.delete_source(id, now, &chance).await.unwrap());
        assert!(!scope.delete_source(id, now, &chance).await.unwrap());
        assert!(scope.find_passages(&[("price", 1)], 5).await.unwrap().is_empty());
        assert!(scope.stems_of_length(1, 99).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn answers_are_kept_with_what_they_rest_on_and_counted_by_day() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let org = OrgId::fresh(now, &chance);
        let (conversation, message) = (ConversationId::fresh(now, &chance), MessageId::fresh(now, &chance));
        let asked = MessageId::fresh(now, &chance);
        let answer = NewAnswer {
            id: AnswerId::fresh(now, &chance),
            conversation: Some(conversation),
            message: Some(message),
            answered: &[asked],
            question: "How much?",
            language: "en",
            engine: "embedded",
            verdict: "answered",
            text: "Ten.",
            passages: "[]",
            prompt: None,
            tokens_in: 3,
            tokens_out: 4,
            micros: 900,
            at: now,
        };
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.insert_answer(&answer).await.unwrap();
        assert_eq!(scope.answer_of_message(message).await.unwrap().unwrap().text, "Ten.");
        assert_eq!(scope.answers_of_messages(&[message]).await.unwrap().len(), 1);
        assert!(scope.answers_of_messages(&[]).await.unwrap().is_empty());
        assert_eq!(scope.answer(answer.id).await.unwrap().unwrap().question, "How much?");
        assert_eq!(scope.answers_of(conversation, 9).await.unwrap().len(), 1);
        let elsewhere = ConversationId::fresh(now, &chance);
        let keys = [(org, elsewhere), (org, conversation)];
        let mut batch = tx.batch(&[org]).await.unwrap();
        let answered = batch.answered_in(&keys, 9).await.unwrap();
        assert!(answered[0].is_empty() && answered[1].contains(&asked));
        assert_eq!(batch.answers_since(&keys, now).await.unwrap(), [0, 1]);
        assert_eq!(batch.answers_since(&keys, Timestamp(now.0 + 1)).await.unwrap(), [0, 0]);
        let second = NewAnswer { id: AnswerId::fresh(now, &chance), answered: &[], ..answer };
        batch.insert_answers(&[(org, second)]).await.unwrap();
        assert_eq!(batch.answers_since(&keys, now).await.unwrap(), [0, 2]);
        assert!(batch.answered_in(&keys, 1).await.unwrap()[1].is_empty(), "only of the last");
    })
    .await;
}

#[tokio::test]
async fn calls_of_models_are_taken_out_of_what_is_left_of_the_day() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(OrgId::fresh(now, &chance)).await.unwrap();
        assert_eq!(scope.ai_usage(now).await.unwrap(), Usage::default());
        assert!(!scope.reserve_ai(now, 10, Some(0), None).await.unwrap());
        assert!(!scope.reserve_ai(now, 10, None, Some(9)).await.unwrap());
        assert!(scope.reserve_ai(now, 10, Some(2), Some(25)).await.unwrap());
        assert!(scope.reserve_ai(now, 10, Some(2), Some(25)).await.unwrap());
        assert!(!scope.reserve_ai(now, 1, Some(2), None).await.unwrap(), "no call is left");
        assert!(!scope.reserve_ai(now, 6, None, Some(25)).await.unwrap(), "too few tokens are left");
        assert_eq!(scope.ai_usage(now).await.unwrap(), Usage { answers: 2, tokens: 20 });
        scope.correct_ai_tokens(now, -7).await.unwrap();
        assert!(scope.reserve_ai(now, 6, None, Some(25)).await.unwrap());
        assert_eq!(scope.ai_usage(now).await.unwrap(), Usage { answers: 3, tokens: 19 });
        scope.correct_ai_tokens(now, -100).await.unwrap();
        assert_eq!(scope.ai_usage(now).await.unwrap().tokens, 0);
        assert_eq!(scope.ai_usage(now + rules::time::span::days(1)).await.unwrap(), Usage::default());
    })
    .await;
}

#[tokio::test]
async fn new_content_replaces_only_what_was_looked_at() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let id = SourceId::fresh(now, &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(OrgId::fresh(now, &chance)).await.unwrap();
        scope.insert_source(&source(id, "Beans", now)).await.unwrap();
        scope.settle_source(id, SourceState::Failed, Some("{}"), "[]", None, now).await.unwrap();
        let content =
            SourceContent { sha256: &[2; 32], size: 7, mime: "text/csv", file_name: Some("beans.csv") };
        assert!(!scope.replace_source(id, &[9; 32], &content, now).await.unwrap());
        assert!(scope.replace_source(id, &[1; 32], &content, now).await.unwrap());
        let stored = scope.source(id).await.unwrap().unwrap();
        assert_eq!((stored.state, stored.size, stored.problem), (SourceState::Pending, 7, None));
        assert_eq!(scope.count_sources().await.unwrap(), 1);
        assert_eq!(scope.source_of_kind(SourceKind::Text).await.unwrap().map(|source| source.id), Some(id));
        assert!(scope.source_of_kind(SourceKind::Corrections).await.unwrap().is_none());
        let same = |except| (SourceKind::Text, [2; 32], except);
        for (wish, found) in [(same(None), Some(id)), (same(Some(id)), None)] {
            assert_eq!(scope.source_of_content(wish.0, &wish.1, wish.2).await.unwrap(), found);
        }
        tx.commit().await.unwrap();
        let mut tx = db.store.read().await.unwrap();
        let in_use = tx.bytes_in_use(&[vec![2; 32], vec![1; 32]]).await.unwrap();
        assert_eq!(in_use, [vec![2; 32]].into());
    })
    .await;
}

#[tokio::test]
async fn an_organisation_has_one_endpoint_of_its_own() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let (ours, theirs) = (OrgId::fresh(now, &chance), OrgId::fresh(now, &chance));
        let mut endpoint = AiEndpoint {
            url: "https://models.example/v1".into(),
            key: Some(vec![1, 2]),
            chat_model: Some("small".into()),
            embedding_model: None,
            updated_at: now,
        };
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(ours).await.unwrap();
        scope.set_ai_endpoint(&endpoint).await.unwrap();
        endpoint.key = None;
        scope.set_ai_endpoint(&endpoint).await.unwrap();
        assert_eq!(scope.ai_endpoint().await.unwrap(), Some(endpoint));
        assert_eq!(tx.org(theirs).await.unwrap().ai_endpoint().await.unwrap(), None);
        let with = tx.batch(&[ours, theirs]).await.unwrap().with_ai_endpoint(&[ours, theirs]).await.unwrap();
        assert_eq!(with.into_iter().collect::<Vec<_>>(), [ours]);
        let mut scope = tx.org(ours).await.unwrap();
        assert!(scope.delete_ai_endpoint().await.unwrap());
        assert!(!scope.delete_ai_endpoint().await.unwrap());
    })
    .await;
}
