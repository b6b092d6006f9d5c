//! Messaging accounts, numbers and templates.

use rules::connection::{Mode, TokenState};
use rules::gate::LineState;
use rules::id::{AccountId, AppId, NumberChangeId, NumberId, OrgId, TemplateId};
use rules::number::{ChangeSource, NumberField};
use rules::time::{Clock as _, Timestamp, span};
use serde_json::json;
use store::accounts::{AccountFacts, AccountReading, BindAccount};
use store::numbers::{NewNumberChange, NumberNews, NumberReading};
use store::templates::{TemplateNews, TemplateReading};
use store::{Cursor, Json};
use testkit::{Seeded, TestClock, both};

const WABA: &str = "700000000000003";

fn bind<'a>(app: AppId, facts: &'a AccountFacts, clock: &TestClock, chance: &Seeded) -> BindAccount<'a> {
    BindAccount {
        mode: Mode::SolutionPartner,
        name: "Acme",
        currency: Some("EUR"),
        owner_business_id: Some("800000000000002"),
        owner_business_name: Some("Acme GmbH"),
        facts,
        ..testkit::number::account(AccountId::fresh(clock.now(), chance), app, WABA)
    }
}

#[tokio::test]
async fn an_account_belongs_to_one_organisation_and_is_revived_with_its_id() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let now = clock.now();
        let (org, other) = (OrgId::fresh(now, &chance), OrgId::fresh(now, &chance));
        let (app, second_app) = (AppId::fresh(now, &chance), AppId::fresh(now, &chance));
        let facts = AccountFacts { country: Some("DE".into()), ..AccountFacts::default() };

        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let id = scope.bind_account(&bind(app, &facts, &clock, &chance), now).await.unwrap();
        assert_eq!(scope.account(id).await.unwrap().unwrap().facts, Json(facts.clone()));
        scope.set_subscribed(id, Some(now)).await.unwrap();
        scope.set_funding(id, Some("510000000000001"), Some("400000000000006")).await.unwrap();
        scope.set_funding(id, Some("510000000000001"), None).await.unwrap();
        assert!(scope.set_token_state(id, TokenState::Suspect).await.unwrap());
        assert!(!scope.set_token_state(id, TokenState::Suspect).await.unwrap(), "known already");
        scope.set_account_line(id, LineState::Held).await.unwrap();
        let account = scope.account_of_waba(WABA).await.unwrap().unwrap();
        assert_eq!(
            (account.id, account.line, account.token_state),
            (id, LineState::Held, TokenState::Suspect)
        );
        assert_eq!(account.allocation_id.as_deref(), Some("400000000000006"));
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.orgs_of_waba(WABA).await.unwrap(), [org]);
        assert_eq!(tx.accounts_of_app(app).await.unwrap(), [(org, id)]);
        assert_eq!(tx.accounts_on_credit("800000000000002").await.unwrap(), 1);
        assert_eq!(tx.allocations_on_record("800000000000002").await.unwrap(), ["400000000000006"]);
        let later = now + span::hours(1);
        assert_eq!(tx.accounts_to_check(later, later, 9).await.unwrap(), [(org, id)]);
        assert!(tx.accounts_to_check(now, later, 9).await.unwrap().is_empty());
        tx.org(org).await.unwrap().note_look(id, later).await.unwrap();
        assert!(tx.accounts_to_check(later, later, 9).await.unwrap().is_empty(), "just tried");
        assert_eq!(
            tx.org(org).await.unwrap().account(id).await.unwrap().and_then(|account| account.looked_at),
            Some(later)
        );
        let mut scope = tx.org(other).await.unwrap();
        assert!(scope.account(id).await.unwrap().is_none());
        let taken = scope.bind_account(&bind(app, &facts, &clock, &chance), now).await.unwrap_err();
        assert!(taken.is_taken(), "{taken}");
        tx.rollback().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        assert!(scope.disconnect_account(id, "asked", now).await.unwrap());
        assert!(!scope.disconnect_account(id, "asked", now).await.unwrap());
        scope.forget_allocation(id).await.unwrap();
        assert!(!scope.set_account_token(id, b"late", None).await.unwrap(), "disconnected");
        assert!(!scope.set_token_state(id, TokenState::Valid).await.unwrap(), "disconnected");
        let gone = scope.accounts().await.unwrap().remove(0);
        assert_eq!((gone.token, gone.token_state, gone.line), (None, TokenState::Erased, LineState::Gone));
        assert_eq!((gone.allocation_id, gone.owner_business_id.as_deref()), (None, Some("800000000000002")));
        let revived = scope.bind_account(&bind(second_app, &facts, &clock, &chance), now).await.unwrap();
        assert_eq!(revived, id, "history and numbers hang on it");
        assert!(scope.set_account_token(id, b"newer", Some(now + span::days(60))).await.unwrap());
        let reading = AccountReading {
            name: "Acme 2",
            currency: Some("EUR"),
            status: Some("DISABLED"),
            review_status: Some("APPROVED"),
            funding_id: None,
            subscribed: false,
            facts: &facts,
        };
        scope.record_account(id, &reading, now + span::hours(2)).await.unwrap();
        let news = AccountFacts { paused: true, ..facts.clone() };
        scope.record_account_news(id, None, Some("REJECTED"), &news).await.unwrap();
        let account = scope.account(id).await.unwrap().unwrap();
        assert_eq!(
            (account.status.as_deref(), account.review_status.as_deref()),
            (Some("DISABLED"), Some("REJECTED"))
        );
        assert_eq!((account.app_id, account.subscribed_at, account.facts), (second_app, None, Json(news)));
        assert_eq!((account.disconnected_at, account.checked_at), (None, Some(now + span::hours(2))));
    })
    .await;
}

fn number(phone_number_id: &str, platform: &str, clock: &TestClock, chance: &Seeded) -> NumberReading {
    NumberReading {
        name_status: Some("APPROVED".into()),
        quality: Some("GREEN".into()),
        platform_type: Some(platform.into()),
        throughput: Some("STANDARD".into()),
        code_verification: Some("VERIFIED".into()),
        ..testkit::number::connected(NumberId::fresh(clock.now(), chance), phone_number_id, "49301234567")
    }
}

#[tokio::test]
async fn numbers_and_templates_keep_their_ids_and_what_is_missing_is_gone() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let org = OrgId::fresh(clock.now(), &chance);
        let app = AppId::fresh(clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let account = scope
            .bind_account(&bind(app, &AccountFacts::default(), &clock, &chance), clock.now())
            .await
            .unwrap();
        scope.record_numbers(account, &[], clock.now()).await.unwrap();
        let both_numbers =
            [number("1", "NOT_APPLICABLE", &clock, &chance), number("2", "CLOUD_API", &clock, &chance)];
        scope.record_numbers(account, &both_numbers, clock.now()).await.unwrap();
        let stored = scope.numbers(Some(account)).await.unwrap();
        assert_eq!(stored.len(), 2);
        let first = stored.iter().find(|number| number.phone_number_id == "1").unwrap();
        assert_eq!((first.registered_at, first.register_attempts.clone()), (None, Json(vec![])));
        let id = first.id;
        scope.set_pin(id, Some(b"pin")).await.unwrap();
        scope.set_register_attempts(id, &[Timestamp(5)]).await.unwrap();
        scope.set_number_profile(id, &json!({"about": "Coffee"})).await.unwrap();
        scope.set_number_line(id, LineState::Held).await.unwrap();
        assert!(scope.set_heard(id, clock.now()).await.unwrap());
        assert!(!scope.set_heard(id, clock.now()).await.unwrap());
        let news = NumberNews {
            verified_name: Some("Acme Support"),
            messaging_limit: Some("TIER_2K"),
            ..NumberNews::default()
        };
        scope.record_number_news(id, news).await.unwrap();
        let stored = scope.number(id).await.unwrap().unwrap();
        assert_eq!(
            (stored.pin.as_deref(), stored.register_attempts),
            (Some(&b"pin"[..]), Json(vec![Timestamp(5)]))
        );
        assert_eq!((stored.line, stored.heard_at), (LineState::Held, Some(clock.now())));
        assert_eq!(
            (stored.verified_name.as_deref(), stored.name_status.as_deref()),
            (Some("Acme Support"), Some("APPROVED"))
        );
        assert_eq!(stored.profile, Json(json!({"about": "Coffee"})));

        clock.advance(span::hours(1));
        scope
            .record_numbers(account, &[number("1", "CLOUD_API", &clock, &chance)], clock.now())
            .await
            .unwrap();
        assert_eq!(scope.remove_unseen_numbers(account, clock.now(), clock.now()).await.unwrap(), 1);
        let left = scope.numbers(None).await.unwrap();
        assert_eq!(left.iter().map(|number| number.id).collect::<Vec<_>>(), [id], "it keeps its id");
        assert_eq!(left[0].registered_at, Some(clock.now()));

        let template = |name: &str| TemplateReading {
            id: TemplateId::fresh(clock.now(), &chance),
            meta_template_id: format!("16{name}"),
            name: name.into(),
            language: "en_US".into(),
            category: "UTILITY".into(),
            status: "PENDING".into(),
            quality: None,
            parameter_format: "POSITIONAL".into(),
            components: json!([{"type": "BODY", "text": "Hello"}]),
            rejected_reason: None,
            ttl_seconds: None,
            coming_category: None,
        };
        scope.record_templates(account, &[template("b"), template("a")], clock.now()).await.unwrap();
        let a = scope.template_named(account, "a", "en_US").await.unwrap().unwrap();
        assert!(
            scope
                .record_template_news(
                    account,
                    "16a",
                    TemplateNews {
                        status: Some("REJECTED"),
                        reason: Some("SCAM"),
                        ..TemplateNews::default()
                    }
                )
                .await
                .unwrap()
        );
        assert!(
            scope
                .record_template_news(
                    account,
                    "16a",
                    TemplateNews {
                        category: Some("MARKETING"),
                        quality: Some("RED"),
                        ..TemplateNews::default()
                    }
                )
                .await
                .unwrap()
        );
        assert!(
            !scope
                .record_template_news(
                    account,
                    "99",
                    TemplateNews { status: Some("APPROVED"), ..TemplateNews::default() }
                )
                .await
                .unwrap()
        );
        let news = scope.template(a.id).await.unwrap().unwrap();
        assert_eq!((news.status.as_str(), news.category.as_str()), ("REJECTED", "MARKETING"));
        assert_eq!((news.quality.as_deref(), news.rejected_reason.as_deref()), (Some("RED"), Some("SCAM")));
        let names =
            |list: Vec<store::templates::Template>| list.into_iter().map(|t| t.name).collect::<Vec<_>>();
        assert_eq!(names(scope.templates(account, None, 9).await.unwrap()), ["a", "b"]);
        assert_eq!(names(scope.templates(account, Some(("a", "en_US")), 9).await.unwrap()), ["b"]);
        clock.advance(span::hours(1));
        scope.record_templates(account, &[template("a")], clock.now()).await.unwrap();
        assert_eq!(scope.remove_unseen_templates(account, clock.now(), clock.now()).await.unwrap(), 1);
        assert_eq!(scope.template_named(account, "a", "en_US").await.unwrap().unwrap().id, a.id);
    })
    .await;
}

#[tokio::test]
async fn what_a_number_was_called_and_what_changed_about_it_is_kept() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (org, other) = (OrgId::fresh(clock.now(), &chance), OrgId::fresh(clock.now(), &chance));
        let app = AppId::fresh(clock.now(), &chance);
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let facts = AccountFacts::default();
        let bound = bind(app, &facts, &clock, &chance);
        let account = scope.bind_account(&bound, clock.now()).await.unwrap();
        let reading = number("1", "CLOUD_API", &clock, &chance);
        scope.record_numbers(account, std::slice::from_ref(&reading), clock.now()).await.unwrap();
        let id = scope.numbers(None).await.unwrap().remove(0).id;

        let asked = NumberNews {
            wanted_name: Some("Kopi Senja Depok"),
            wanted_name_status: Some("DECLINED"),
            name_reason: Some("NAME_NOT_CONSISTENT"),
            throughput: Some("HIGH"),
            ..NumberNews::default()
        };
        scope.record_number_news(id, asked).await.unwrap();
        scope.set_number_username(id, Some("kopisenja"), Some("reserved")).await.unwrap();
        scope.set_number_health(id, &json!({"can_send": "LIMITED"})).await.unwrap();
        let known = scope.number(id).await.unwrap().unwrap();
        assert_eq!(
            (known.wanted_name.as_deref(), known.wanted_name_status.as_deref(), known.name_reason.as_deref()),
            (Some("Kopi Senja Depok"), Some("DECLINED"), Some("NAME_NOT_CONSISTENT"))
        );
        assert_eq!(
            (known.username.as_deref(), known.username_status.as_deref()),
            (Some("kopisenja"), Some("reserved"))
        );
        assert_eq!((known.throughput.as_deref(), known.official, known.has_pin), (Some("HIGH"), false, None));
        assert_eq!(known.health, Some(Json(json!({"can_send": "LIMITED"}))));

        // A reading that tells the state of the review and not the name leaves the name; one that tells neither ends it.
        let declined = NumberReading {
            wanted_name_status: Some("DECLINED".into()),
            official: true,
            has_pin: Some(true),
            ..reading.clone()
        };
        scope.record_numbers(account, &[declined], clock.now()).await.unwrap();
        let read = scope.number(id).await.unwrap().unwrap();
        assert_eq!(read.wanted_name.as_deref(), Some("Kopi Senja Depok"));
        assert_eq!(read.name_reason.as_deref(), Some("NAME_NOT_CONSISTENT"), "only the webhook tells it");
        assert_eq!((read.official, read.has_pin, read.username.is_some()), (true, Some(true), true));
        scope.record_numbers(account, &[reading], clock.now()).await.unwrap();
        let over = scope.number(id).await.unwrap().unwrap();
        assert_eq!((over.wanted_name, over.wanted_name_status, over.name_reason), (None, None, None));
        scope.record_number_news(id, asked).await.unwrap();
        scope.forget_wanted_name(id).await.unwrap();
        assert_eq!(scope.number(id).await.unwrap().unwrap().wanted_name, None);

        let change = |field, old: Option<&str>, new: Option<&str>| NewNumberChange {
            id: NumberChangeId::fresh(clock.now(), &chance),
            number_id: id,
            field,
            old: old.map(str::to_owned),
            new: new.map(str::to_owned),
            source: ChangeSource::Check,
        };
        scope.add_number_changes(&[], clock.now()).await.unwrap();
        for (old, new) in [(None, Some("GREEN")), (Some("GREEN"), Some("YELLOW"))] {
            scope.add_number_changes(&[change(NumberField::Quality, old, new)], clock.now()).await.unwrap();
            clock.advance(span::hours(1));
        }
        let badge = change(NumberField::Official, Some("false"), Some("true"));
        scope.add_number_changes(std::slice::from_ref(&badge), clock.now()).await.unwrap();
        let page = scope.number_changes(id, None, Cursor::NEWEST, 2).await.unwrap();
        assert_eq!(
            page.items.iter().map(|one| one.field).collect::<Vec<_>>(),
            [NumberField::Official, NumberField::Quality]
        );
        assert_eq!((page.items[0].id, page.items[0].at), (badge.id, clock.now()));
        let rest = scope.number_changes(id, None, page.next.unwrap(), 2).await.unwrap();
        assert_eq!(rest.items.iter().map(|one| one.new.as_deref()).collect::<Vec<_>>(), [Some("GREEN")]);
        let quality = scope.number_changes(id, Some(NumberField::Quality), Cursor::NEWEST, 9).await.unwrap();
        assert_eq!((quality.items.len(), quality.items[0].source), (2, ChangeSource::Check));
        tx.commit().await.unwrap();

        let mut tx = db.store.read().await.unwrap();
        let mut scope = tx.org(other).await.unwrap();
        assert!(scope.number_changes(id, None, Cursor::NEWEST, 9).await.unwrap().items.is_empty());
    })
    .await;
}
