//! Templates that are being written, and what happened to templates.

use rules::id::{AccountId, OrgId, TemplateDraftId, TemplateEventId, TemplateId};
use rules::template::{DraftState, TemplateEventKind};
use rules::time::{Clock as _, Timestamp, span};
use serde_json::json;
use store::Json;
use store::templates::{TemplateDraft, TemplateEvent, TemplateFilter, TemplateNotice, TemplateReading};
use testkit::{Seeded, TestClock, both};

fn reading(
    (name, language): (&str, &str),
    (status, category): (&str, &str),
    now: Timestamp,
    chance: &Seeded,
) -> TemplateReading {
    TemplateReading {
        id: TemplateId::fresh(now, chance),
        meta_template_id: format!("16{name}{language}"),
        name: name.into(),
        language: language.into(),
        category: category.into(),
        status: status.into(),
        quality: Some("GREEN".into()),
        parameter_format: "POSITIONAL".into(),
        components: json!([]),
        rejected_reason: None,
        ttl_seconds: Some(600),
        coming_category: Some("MARKETING".into()),
    }
}

#[tokio::test]
async fn templates_of_all_accounts_are_found_by_what_they_are() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let org = OrgId::fresh(now, &chance);
        let (shop, cafe) = (AccountId::fresh(now, &chance), AccountId::fresh(now, &chance));
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let (approved, paused) = (("APPROVED", "UTILITY"), ("PAUSED", "MARKETING"));
        let ours = [
            reading(("order_ready", "en_US"), approved, now, &chance),
            reading(("order_ready", "id"), approved, now, &chance),
            reading(("sale", "id"), paused, now, &chance),
        ];
        scope.record_templates(shop, &ours, now).await.unwrap();
        let theirs = [reading(("order_ready", "id"), approved, now, &chance)];
        scope.record_templates(cafe, &theirs, now).await.unwrap();

        let all = TemplateFilter::default();
        let mut seen = Vec::new();
        let mut after: Option<(String, String, TemplateId)> = None;
        loop {
            let at = after.as_ref().map(|(name, language, id)| (name.as_str(), language.as_str(), *id));
            let page = scope.templates_like(&all, at, 1).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some((last.name.clone(), last.language.clone(), last.id));
            seen.push(last.id);
        }
        assert_eq!(seen.len(), 4, "each once, page by page");

        let mut count =
            async |filter: TemplateFilter<'_>| scope.templates_like(&filter, None, 9).await.unwrap().len();
        assert_eq!(count(TemplateFilter { account: Some(cafe), ..all.clone() }).await, 1);
        assert_eq!(count(TemplateFilter { status: Some("PAUSED"), ..all.clone() }).await, 1);
        assert_eq!(count(TemplateFilter { category: Some("UTILITY"), ..all.clone() }).await, 3);
        assert_eq!(count(TemplateFilter { language: Some("id"), ..all.clone() }).await, 3);
        assert_eq!(count(TemplateFilter { quality: Some("RED"), ..all.clone() }).await, 0);
        assert_eq!(count(TemplateFilter { words: Some("der_re"), ..all.clone() }).await, 3);

        let known = scope.template_of_meta(shop, "16saleid").await.unwrap().unwrap();
        assert_eq!((known.id, known.ttl_seconds), (ours[2].id, Some(600)));
        assert_eq!(known.coming_category.as_deref(), Some("MARKETING"));
        let notice = TemplateNotice { title: Some("FIRST_PAUSE".into()), ..TemplateNotice::default() };
        scope.set_template_notice(known.id, Some(&notice)).await.unwrap();
        scope.set_coming_category(known.id, Some(("UTILITY", Some(now)))).await.unwrap();
        scope.set_template_source(known.id, &json!({"name": "sale"})).await.unwrap();
        let known = scope.template(known.id).await.unwrap().unwrap();
        assert_eq!(known.notice, Some(Json(notice)));
        assert_eq!(
            (known.coming_category.as_deref(), known.category_changes_at),
            (Some("UTILITY"), Some(now))
        );
        assert_eq!(known.source, Some(Json(json!({"name": "sale"}))));
        scope.set_coming_category(known.id, None).await.unwrap();
        scope.set_template_notice(known.id, None).await.unwrap();
        let known = scope.template(known.id).await.unwrap().unwrap();
        assert_eq!((known.coming_category, known.notice), (None, None));
        scope.remove_template(known.id, now).await.unwrap();
        assert_eq!(scope.templates_like(&all, None, 9).await.unwrap().len(), 3);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_draft_is_kept_until_it_is_a_template() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let (org, other) = (OrgId::fresh(now, &chance), OrgId::fresh(now, &chance));
        let mut draft = TemplateDraft {
            id: TemplateDraftId::fresh(now, &chance),
            account_id: AccountId::fresh(now, &chance),
            template_id: None,
            name: "order_ready".into(),
            language: "id".into(),
            definition: Json(json!({"components": []})),
            state: DraftState::Draft,
            problem: None,
            attempted_at: None,
            author: "member:1".into(),
            created_at: now,
            updated_at: now,
        };
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.put_template_draft(&draft).await.unwrap();
        draft.state = DraftState::Refused;
        draft.problem = Some(Json(json!({"code": 100})));
        draft.attempted_at = Some(now);
        draft.updated_at = now + span::hours(1);
        scope.put_template_draft(&draft).await.unwrap();
        assert_eq!(scope.template_draft(draft.id).await.unwrap().as_ref(), Some(&draft));
        assert_eq!(scope.template_drafts(9).await.unwrap(), [draft.clone()]);
        tx.commit().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(other).await.unwrap();
        assert_eq!(scope.template_draft(draft.id).await.unwrap(), None);
        assert!(!scope.remove_template_draft(draft.id).await.unwrap());
        tx.commit().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        assert!(scope.remove_template_draft(draft.id).await.unwrap());
        assert!(scope.template_drafts(9).await.unwrap().is_empty());
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn what_happened_is_told_of_a_template_that_is_gone_too() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let org = OrgId::fresh(now, &chance);
        let account = AccountId::fresh(now, &chance);
        let event = |language: &str, kind, before: &str, at| TemplateEvent {
            id: TemplateEventId::fresh(at, &chance),
            account_id: account,
            name: "sale".into(),
            language: language.into(),
            kind,
            before: Some(before.into()),
            after: None,
            details: Json(json!({"reason": "PROMOTIONAL"})),
            author: None,
            at,
        };
        let submitted = event("id", TemplateEventKind::Submitted, "", now);
        let edited = event("id", TemplateEventKind::Edited, "APPROVED", now + span::hours(1));
        let deleted = event("", TemplateEventKind::Deleted, "APPROVED", now + span::hours(2));
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        for event in [&submitted, &edited, &deleted] {
            scope.add_template_event(event).await.unwrap();
        }
        assert_eq!(scope.template_event(edited.id).await.unwrap().as_ref(), Some(&edited));
        let told = scope.template_events(account, "sale", "id", 9).await.unwrap();
        assert_eq!(told, [deleted.clone(), edited.clone(), submitted]);
        let mut times =
            async |kind, of, since| scope.template_event_times(account, kind, of, since).await.unwrap();
        assert_eq!(times(TemplateEventKind::Edited, Some(("sale", "id")), now).await, [edited.at]);
        assert!(times(TemplateEventKind::Edited, Some(("sale", "en")), now).await.is_empty());
        assert!(times(TemplateEventKind::Submitted, None, now).await.is_empty(), "not since then");
        let since = now + span::hours(1);
        let given_up = scope.template_name_given_up(account, "sale", since).await.unwrap();
        assert_eq!(given_up, Some(deleted.at));
        assert_eq!(scope.template_name_given_up(account, "sale", deleted.at).await.unwrap(), None);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn nothing_waits_for_a_template_that_nobody_sent() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let (org, account) = (OrgId::fresh(now, &chance), AccountId::fresh(now, &chance));
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        assert_eq!(scope.count_waiting_for_template(account, "sale", "id").await.unwrap(), 0);
        assert!(scope.waiting_for_template(account, "sale", "id", 9).await.unwrap().is_empty());
    })
    .await;
}
