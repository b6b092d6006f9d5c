//! Forms, what people send with them, experiments, and links that begin conversations.

use rules::consent::{Channel, Purpose};
use rules::form::{
    DoubleOptIn, ExperimentState, FormSettings, FormStatus, FormWording, FormWords, SubmissionState,
    SubmissionWay,
};
use rules::id::{
    ChatLinkId, ContactId, ExperimentId, FormId, FormVersionId, MessageId, NumberId, OrgId, SubmissionId,
};
use rules::identity::Phone;
use rules::locale::Locale;
use rules::time::{Clock as _, Timestamp, span};
use store::forms::{
    ArmCount, Experiment, ExperimentPlan, Form, FormCounts, FormLogo, FormVersion, NewSubmission, NewVisit,
    ShownHash, SubmissionFilter,
};
use store::links::{ChatLink, LinkCounts, NewLinkEntry};
use store::{Cursor, Json, OrgScope};
use testkit::{Seeded, TestClock, both};

fn form(token: &str, now: Timestamp, chance: &Seeded) -> Form {
    Form {
        id: FormId::fresh(now, chance),
        token: token.into(),
        name: "Di kasir".into(),
        number_id: None,
        status: FormStatus::Active,
        double_opt_in: DoubleOptIn::Whatsapp,
        version_id: None,
        settings: Json(FormSettings::default()),
        created_at: now,
        updated_at: now,
    }
}

fn version(form: FormId, ordinal: i64, now: Timestamp, chance: &Seeded) -> FormVersion {
    FormVersion {
        id: FormVersionId::fresh(now, chance),
        form_id: form,
        ordinal,
        wording: Json(FormWording {
            business: "Kopi Senja".into(),
            privacy_url: "https://kopisenja.example/privasi".into(),
            purposes: vec![Purpose::Marketing],
            channels: vec![Channel::Whatsapp],
            en: None,
            id: Some(FormWords { title: format!("Kabar {ordinal}"), ..FormWords::default() }),
        }),
        hashes: Json(vec![ShownHash { locale: Locale::Id, sha256: "00".repeat(32) }]),
        published_by: "member:test".into(),
        published_at: now,
    }
}

fn sent(form: &Form, version: &FormVersion, code: &str, now: Timestamp, chance: &Seeded) -> NewSubmission {
    NewSubmission {
        id: SubmissionId::fresh(now, chance),
        form: form.id,
        version: version.id,
        visit: None,
        way: SubmissionWay::Page,
        locale: Locale::Id,
        purposes: vec![Purpose::Marketing],
        name: "Sari".into(),
        phone: Some("6281234567890".into()),
        email: None,
        ip: "203.0.113.9".into(),
        user_agent: "test".into(),
        page: "https://sapa.example/f/x".into(),
        double_opt_in: DoubleOptIn::Whatsapp,
        code: Some(code.into()),
        expires_at: Some(now + span::hours(48)),
    }
}

async fn contact(scope: &mut OrgScope<'_>, phone: &str, now: Timestamp, chance: &Seeded) -> ContactId {
    let phone = Phone::from_wire(phone).unwrap();
    scope.contact_by_phone(&phone, now, chance).await.unwrap().contact
}

#[tokio::test]
async fn a_form_says_what_one_of_its_versions_says() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (now, org) = (clock.now(), OrgId::fresh(clock.now(), &chance));
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.form_place("kasir").await.unwrap(), None);
        let mut scope = tx.org(org).await.unwrap();
        let mut made = form("kasir", now, &chance);
        scope.insert_form(&made).await.unwrap();
        assert_eq!(scope.form(made.id).await.unwrap().unwrap(), made);

        let [first, second] = [1, 2].map(|ordinal| version(made.id, ordinal, now, &chance));
        for version in [&first, &second] {
            scope.insert_form_version(version).await.unwrap();
        }
        scope.publish_form_version(made.id, second.id, now).await.unwrap();
        assert_eq!(scope.form_versions(made.id).await.unwrap(), [second.clone(), first.clone()]);
        assert_eq!(scope.form_version(first.id).await.unwrap().unwrap(), first);

        made = Form { name: "Di meja".into(), status: FormStatus::Archived, ..made };
        scope.change_form(&made).await.unwrap();
        let stored = scope.forms().await.unwrap();
        assert_eq!(stored, [Form { version_id: Some(second.id), ..made.clone() }]);

        let logo = FormLogo { mime: "image/png".into(), bytes: vec![1, 2, 3] };
        scope.put_form_logo(made.id, &FormLogo { bytes: vec![9], ..logo.clone() }).await.unwrap();
        scope.put_form_logo(made.id, &logo).await.unwrap();
        assert_eq!(scope.form_logo(made.id).await.unwrap().unwrap(), logo);
        assert_eq!(scope.forms_with_logo().await.unwrap(), [made.id]);
        assert!(scope.remove_form_logo(made.id).await.unwrap());
        assert!(!scope.remove_form_logo(made.id).await.unwrap());

        let one = FormCounts { views: 1, ..FormCounts::default() };
        for (version, more) in [(&first, one), (&first, one), (&second, FormCounts { submitted: 1, ..one })] {
            scope.count_form(made.id, version.id, more, now).await.unwrap();
        }
        let counts = FormCounts { views: 3, submitted: 1, confirmed: 0 };
        assert_eq!(scope.form_counts().await.unwrap(), [(made.id, counts)]);
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.form_place("kasir").await.unwrap(), Some((org, made.id)));
        // Last, for on PostgreSQL it ends the transaction.
        let mut scope = tx.org(org).await.unwrap();
        assert!(scope.insert_form_version(&version(made.id, 2, now, &chance)).await.unwrap_err().is_taken());
    })
    .await;
}

#[tokio::test]
async fn a_submission_is_confirmed_once_or_forgotten() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (now, org) = (clock.now(), OrgId::fresh(clock.now(), &chance));
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let form = form("kasir", now, &chance);
        let version = version(form.id, 1, now, &chance);
        let sari = contact(&mut scope, "6281234567890", now, &chance).await;
        let (yes, late) = (
            sent(&form, &version, "K7M2QX01", now, &chance),
            sent(&form, &version, "K7M2QX02", now, &chance),
        );
        for new in [&yes, &late] {
            scope.insert_submission(new, now).await.unwrap();
        }
        let waiting = scope.pending_submission("K7M2QX01", now).await.unwrap().unwrap();
        assert_eq!((waiting.id, waiting.state), (yes.id, SubmissionState::Pending));
        assert!(scope.pending_submission("K7M2QX01", now + span::hours(48)).await.unwrap().is_none());
        let message = MessageId::fresh(now, &chance);
        assert!(scope.confirm_submission(yes.id, sari, Some(message), now).await.unwrap());
        assert!(!scope.confirm_submission(yes.id, sari, Some(message), now).await.unwrap());
        assert!(scope.pending_submission("K7M2QX01", now).await.unwrap().is_none());
        let stored = scope.submission(yes.id).await.unwrap().unwrap();
        assert_eq!((stored.contact_id, stored.message_id), (Some(sari), Some(message)));

        // The person is asked once, unless it is surely known that they were not.
        assert!(scope.ask_submission(late.id, now).await.unwrap());
        assert!(!scope.ask_submission(late.id, now).await.unwrap());
        scope.note_submission_problem(late.id, "busy", true).await.unwrap();
        let busy = scope.submission(late.id).await.unwrap().unwrap();
        assert_eq!((busy.asked_at, busy.problem.as_deref()), (None, Some("busy")));
        assert!(scope.ask_submission(late.id, now).await.unwrap());
        scope.note_submission_problem(late.id, "lost", false).await.unwrap();
        let lost = scope.submission(late.id).await.unwrap().unwrap();
        assert_eq!((lost.asked_at, lost.problem.as_deref()), (Some(now), Some("lost")));
        assert!(!scope.ask_submission(yes.id, now).await.unwrap(), "it is confirmed already");

        let after = now + span::hours(48);
        assert!(!scope.confirm_submission(late.id, sari, None, after).await.unwrap(), "too late");
        assert!(!scope.expire_submission(late.id, now).await.unwrap(), "too early");
        let mut page = scope.submissions(&SubmissionFilter::default(), Cursor::NEWEST, 1).await.unwrap();
        assert_eq!(page.items.pop().unwrap().id, late.id);
        let rest = scope.submissions(&SubmissionFilter::default(), page.next.unwrap(), 1).await.unwrap();
        assert_eq!((rest.items[0].id, rest.next), (yes.id, None));
        let of = |state, contact| SubmissionFilter { form: Some(form.id), state: Some(state), contact };
        let found =
            scope.submissions(&of(SubmissionState::Confirmed, Some(sari)), Cursor::NEWEST, 9).await.unwrap();
        assert_eq!(found.items.len(), 1);
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.submissions_over(now, 9).await.unwrap(), []);
        assert_eq!(tx.submissions_over(after, 9).await.unwrap(), [(org, form.id, late.id)]);
        let mut scope = tx.org(org).await.unwrap();
        assert!(scope.expire_submission(late.id, after).await.unwrap());
        let stored = scope.submission(late.id).await.unwrap().unwrap();
        assert_eq!(
            (stored.phone, stored.code, stored.name.as_str(), stored.ip.as_str()),
            (None, None, "", "")
        );
    })
    .await;
}

#[tokio::test]
async fn an_experiment_counts_each_visitor_once_and_forgets_its_salt() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (now, org) = (clock.now(), OrgId::fresh(clock.now(), &chance));
        let form = FormId::fresh(now, &chance);
        let [first, other] = [(); 2].map(|()| FormVersionId::fresh(now, &chance));
        let experiment = || Experiment {
            id: ExperimentId::fresh(now, &chance),
            form_id: form,
            name: "Kata mana".into(),
            arms: Json(vec![first, other]),
            plan: Json(ExperimentPlan { base: 0.3, effect: 0.1, per_arm: 356 }),
            salt: Some(vec![7; 32]),
            state: ExperimentState::Running,
            started_by: "member:test".into(),
            started_at: now,
            full_at: None,
            ended_at: None,
            adopted_id: None,
        };
        let one = experiment();
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        scope.insert_experiment(&one).await.unwrap();
        assert_eq!(scope.running_experiment(form).await.unwrap().unwrap(), one);
        for (visitor, version, new) in
            [(1, first, true), (2, other, true), (1, first, false), (3, first, true)]
        {
            let visit = NewVisit { experiment: one.id, visitor: [visitor; 16], version };
            assert_eq!(scope.insert_visit(&visit, now).await.unwrap(), new);
            assert!(scope.has_visit(&visit).await.unwrap());
        }
        let unseen = NewVisit { experiment: one.id, visitor: [1; 16], version: other };
        assert!(!scope.has_visit(&unseen).await.unwrap());
        scope.confirm_visit(one.id, &[1; 16], now).await.unwrap();
        scope.confirm_visit(one.id, &[3; 16], now + span::hours(1)).await.unwrap();
        scope.confirm_visit(one.id, &[9; 16], now).await.unwrap();
        let mut counts = scope.arm_counts(one.id, now + span::hours(1)).await.unwrap();
        counts.sort_by_key(|count| std::cmp::Reverse(count.seen));
        let count = |version_id, seen, agreed| ArmCount { version_id, seen, agreed };
        assert_eq!(counts, [count(first, 2, 1), count(other, 1, 0)]);

        assert!(scope.fill_experiment(one.id, now).await.unwrap());
        assert!(!scope.fill_experiment(one.id, now).await.unwrap());
        assert_eq!(scope.running_experiment(form).await.unwrap(), None);
        tx.commit().await.unwrap();
        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.experiments_settled(now, 9).await.unwrap(), [(org, form, one.id)]);
        let mut scope = tx.org(org).await.unwrap();
        assert!(scope.end_experiment(one.id, ExperimentState::Ended, now).await.unwrap());
        assert!(!scope.end_experiment(one.id, ExperimentState::Stopped, now).await.unwrap());
        scope.adopt_arm(one.id, other).await.unwrap();
        let ended = scope.experiment(one.id).await.unwrap().unwrap();
        assert_eq!((ended.state, ended.salt, ended.adopted_id), (ExperimentState::Ended, None, Some(other)));
        scope.insert_experiment(&experiment()).await.unwrap();
        assert_eq!(scope.experiments(form).await.unwrap().len(), 2);
        // Last, for on PostgreSQL it ends the transaction.
        assert!(scope.insert_experiment(&experiment()).await.unwrap_err().is_taken());
    })
    .await;
}

#[tokio::test]
async fn a_link_counts_who_came_by_it() {
    both(|db| async move {
        let (clock, chance) = (TestClock::default(), Seeded::default());
        let (now, org) = (clock.now(), OrgId::fresh(clock.now(), &chance));
        let link = |token: &str, code: &str| ChatLink {
            id: ChatLinkId::fresh(now, &chance),
            token: token.into(),
            code: code.into(),
            number_id: NumberId::fresh(now, &chance),
            name: "Poster".into(),
            text: "Halo!".into(),
            wording: None,
            purposes: Json(Vec::new()),
            status: FormStatus::Active,
            opened: 0,
            created_at: now,
            updated_at: now,
        };
        let (poster, mut table) = (link("poster", "K7M2QX"), link("meja", "K7M2QY"));
        let mut tx = db.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        for link in [&poster, &table] {
            scope.insert_chat_link(link).await.unwrap();
        }
        assert_eq!(scope.chat_link_of("K7M2QX").await.unwrap().unwrap(), poster);
        assert!(scope.chat_link_of("K7M2QZ").await.unwrap().is_none());
        scope.count_link_opened(table.id).await.unwrap();
        table = ChatLink {
            wording: Some("Dengan mengirim pesan ini …".into()),
            purposes: Json(vec![Purpose::Utility]),
            status: FormStatus::Archived,
            opened: 1,
            ..table
        };
        scope.change_chat_link(&table).await.unwrap();
        assert_eq!(scope.chat_link(table.id).await.unwrap().unwrap(), table);
        assert_eq!(scope.chat_links().await.unwrap(), [table.clone(), poster.clone()]);

        let (sari, budi) = (
            contact(&mut scope, "6281234567890", now, &chance).await,
            contact(&mut scope, "6281234567891", now, &chance).await,
        );
        for (contact, opted_in) in [(sari, true), (sari, true), (budi, false)] {
            let message = MessageId::fresh(now, &chance);
            let entry = NewLinkEntry { link: poster.id, message, contact, opted_in };
            assert!(scope.insert_link_entry(&entry, now).await.unwrap());
            assert!(!scope.insert_link_entry(&entry, now).await.unwrap());
        }
        let counted = |wrote| LinkCounts { link_id: poster.id, wrote, opted_in: 1 };
        assert_eq!(scope.link_counts().await.unwrap(), [counted(2)]);
        assert!(scope.merge_contacts(sari, budi, now, &chance).await.unwrap());
        assert_eq!(scope.link_counts().await.unwrap(), [counted(1)], "two who are one came once");
        tx.commit().await.unwrap();

        let mut tx = db.store.begin().await.unwrap();
        assert_eq!(tx.chat_link_place("meja").await.unwrap(), Some((org, table.id)));
        assert_eq!(tx.chat_link_place("other").await.unwrap(), None);
        // Last, for on PostgreSQL it ends the transaction.
        let mut scope = tx.org(org).await.unwrap();
        assert!(scope.insert_chat_link(&link("third", "K7M2QX")).await.unwrap_err().is_taken());
    })
    .await;
}
