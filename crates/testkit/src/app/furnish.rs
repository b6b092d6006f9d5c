//! An organisation with something of every kind, for tests that walk the whole API.

use std::collections::BTreeMap;

use rules::connection::{Entry, Mode, Variant};
use rules::consent::{Channel, Purpose};
use rules::day::Day;
use rules::erasure::{ContactExportState, ErasureState, ErasureStep};
use rules::form::{DoubleOptIn, ExperimentState, FormSettings, FormStatus, FormWording, FormWords};
use rules::id::{
    AccountId, AnswerId, AppId, CannedReplyId, ChatLinkId, ConnectionId, ConnectorId, ContactExportId,
    ContactId, ErasureId, ExperimentId, FormId, FormVersionId, IdentityId, ImportId, InboxViewId, MediaId,
    MemberInviteId, MessageId, NoteId, NotificationId, NumberId, OrgId, PasskeyId, ProviderId,
    PushSubscriptionId, RunId, SourceId, TemplateId,
};
use rules::import::ImportState;
use rules::message::Kind;
use rules::notification::{Cause, NotificationState, RunState};
use rules::role::Role;
use rules::time::{Timestamp, span};
use serde_json::json;
use server::identity::Token;
use store::Json;
use store::OrgScope;
use store::apps::App;
use store::canned::CannedReply;
use store::connections::{ConnectionSettings, NewConnection};
use store::connectors::Connector;
use store::contact_exports::ContactExport;
use store::erasures::Erasure;
use store::forms::{Experiment, ExperimentPlan, Form, FormVersion};
use store::imports::Import;
use store::ingest::NewUpdate;
use store::knowledge::NewAnswer;
use store::links::ChatLink;
use store::media::NewUpload;
use store::members::NewInvite;
use store::messages::NewMessage;
use store::notes::Note;
use store::notifications::{Notification, Run};
use store::passkeys::NewPasskey;
use store::push::NewPushSubscription;
use store::records::Put;
use store::templates::TemplateReading;
use store::views::InboxView;

use super::{Actor, TestApp, TestOrg};

/// One id of every kind, under the name that it has in paths: `{contact}`, `{number}`, …
pub type Samples = BTreeMap<&'static str, String>;

impl TestApp {
    /// Puts one of everything into an organisation. A new kind of thing with an id in a path is added here.
    pub async fn furnish(&self, org: &TestOrg) -> Samples {
        let (now, chance) = (self.now(), self.ctx.chance());
        let mut samples = Samples::from([("org", org.id.to_string())]);
        let app = self.meta_app(org.id, now).await;
        let mut tx = self.ctx.store.begin().await.expect("a transaction");
        let mut scope = tx.org(org.id).await.expect("a scope");
        samples.insert("app", app.to_string());
        samples.insert("step", "sync".to_owned());
        samples.insert("token", "sapa_connect_made-up".to_owned());
        samples.insert("code", "4O4YGZEG3RIVE1".to_owned());
        self.onboarding(&mut scope, app, org.id, &mut samples).await;
        self.inbox(&mut scope, &mut samples).await;
        self.collecting(&mut scope, &mut samples).await;
        self.records(&mut scope, org.id, &mut samples).await;

        let source = crate::rows::source(SourceId::fresh(now, chance), "Jam buka", now);
        scope.insert_source(&source).await.expect("a source");
        samples.insert("source", source.id.to_string());

        let answer = NewAnswer {
            id: AnswerId::fresh(now, chance),
            conversation: samples["conversation"].parse().ok(),
            message: samples["message"].parse().ok(),
            answered: &[],
            question: "Jam berapa buka?",
            language: "id",
            engine: "embedded",
            verdict: "answered",
            text: "Pukul tujuh.",
            passages: "[]",
            prompt: None,
            tokens_in: 0,
            tokens_out: 0,
            micros: 1,
            at: now,
        };
        scope.insert_answer(&answer).await.expect("an answer");
        samples.insert("answer", answer.id.to_string());

        self.rights(&mut scope, &mut samples).await;

        let invite = NewInvite {
            id: MemberInviteId::fresh(now, chance),
            email: "budi@example.com".into(),
            role: Role::Agent,
            token_hash: Token::fresh("", chance).hash(),
            invited_by: org.id.0,
            expires_at: now + span::days(7),
        };
        scope.insert_invite(&invite, now).await.expect("an invitation");
        samples.insert("invite", invite.id.to_string());

        let mut key = [0; 16];
        chance.fill(&mut key);
        let update = NewUpdate {
            body_seq: 0,
            app,
            lane: 0,
            kind: "message",
            key,
            waba_id: None,
            phone_number_id: None,
            raw: "{}".into(),
            received_at: now,
        };
        tx.insert_updates(&[update], now).await.expect("an update");
        let seq = tx.pending_updates(1).await.expect("a list").pop().expect("an update").seq;
        tx.keep_update(seq, Some(org.id), "kept for a test", now).await.expect("kept");
        samples.insert("update", seq.to_string());
        tx.commit().await.expect("a commit");

        let member = self.member(org.id, Role::Agent).await;
        let me = member.get("/api/v1/me").await;
        samples.insert("member", me.str("/organisations/0/member_id").to_owned());
        samples.insert("subscription", self.push_subscription(org.id, &samples).await);
        let session = member.get("/api/v1/sessions").await;
        samples.insert("session", session.str("/items/0/id").to_owned());
        samples.insert("passkey", self.passkey(&member).await);
        samples.insert("identity", self.identity(&member).await);
        // Providers are nobody's in particular: one that does not exist is as foreign as can be.
        samples.insert("provider", ProviderId::fresh(now, chance).to_string());
        let keys = org.owner.get("keys").await;
        samples.insert("key", keys.str("/items/0/id").to_owned());
        samples
    }

    /// A file that was brought in, one with all that is held about the contact, and somebody who was erased.
    async fn rights(&self, scope: &mut OrgScope<'_>, samples: &mut Samples) {
        let (now, chance) = (self.now(), self.ctx.chance());
        let import = Import {
            id: ImportId::fresh(now, chance),
            kind_id: None,
            file_name: "pelanggan.csv".into(),
            sha256: vec![1; 32],
            sheet: None,
            headings: Json(vec!["Telepon".into()]),
            plan: None,
            state: ImportState::Uploaded,
            row_count: 0,
            done: 0,
            tally: Json(json!({})),
            created_by: "test".into(),
            created_at: now,
            changed_at: now,
        };
        scope.insert_import(&import).await.expect("an import");
        samples.insert("import", import.id.to_string());
        let export = ContactExport {
            id: ContactExportId::fresh(now, chance),
            contact_id: samples["contact"].parse().expect("a contact"),
            state: ContactExportState::Waiting,
            language: "id".into(),
            sha256: None,
            size: None,
            created_by: "test".into(),
            created_at: now,
            expires_at: now + span::days(7),
        };
        scope.insert_contact_export(&export).await.expect("an export");
        samples.insert("export", export.id.to_string());
        let erasure = Erasure {
            id: ErasureId::fresh(now, chance),
            contact_id: ContactId::fresh(now, chance),
            state: ErasureState::Done,
            step: ErasureStep::Words,
            suppressed: false,
            reason: "asked".into(),
            counts: Json(json!({})),
            request_hash: vec![1; 32],
            created_by: "test".into(),
            created_at: now,
            finished_at: Some(now),
        };
        scope.insert_erasure(&erasure).await.expect("an erasure");
        samples.insert("erasure", erasure.id.to_string());
    }

    /// A passkey of whoever is signed in. It proves nothing: that takes an authenticator.
    async fn passkey(&self, person: &Actor) -> String {
        let (now, chance) = (self.now(), self.ctx.chance());
        let id = PasskeyId::fresh(now, chance);
        let me = person.get("/api/v1/me").await;
        let passkey = NewPasskey {
            id,
            person: me.str("/person/id").parse().expect("an id"),
            credential_id: id.0.as_bytes(),
            credential: "{}",
            name: "Laptop",
            aaguid: id.0,
            backed_up: true,
        };
        let mut tx = self.ctx.store.begin().await.expect("a transaction");
        tx.insert_passkey(&passkey, now).await.expect("a passkey");
        tx.commit().await.expect("a commit");
        id.to_string()
    }

    /// What whoever is signed in is called at a provider.
    async fn identity(&self, person: &Actor) -> String {
        let (now, chance) = (self.now(), self.ctx.chance());
        let id = IdentityId::fresh(now, chance);
        let me = person.get("/api/v1/me").await;
        let whom = me.str("/person/id").parse().expect("an id");
        let mut tx = self.ctx.store.begin().await.expect("a transaction");
        let there = ("https://id.example", &*id.to_string());
        tx.insert_identity(id, whom, there, "budi@example.com", now).await.expect("an identity");
        tx.commit().await.expect("a commit");
        id.to_string()
    }

    /// A browser of the sample's member. Nothing reaches it.
    async fn push_subscription(&self, org: OrgId, samples: &Samples) -> String {
        let (now, chance) = (self.now(), self.ctx.chance());
        let id = PushSubscriptionId::fresh(now, chance);
        let new = NewPushSubscription {
            id,
            member: samples["member"].parse().expect("an id"),
            endpoint_hash: &Token::fresh("", chance).hash(),
            sealed: b"sealed",
            user_agent: "test",
        };
        let mut tx = self.ctx.store.begin().await.expect("a transaction");
        let mut scope = tx.org(org).await.expect("a scope");
        scope.put_push_subscription(&new, now).await.expect("a browser");
        tx.commit().await.expect("a commit");
        id.to_string()
    }

    /// A Meta app of an organisation, at `/webhooks/meta/app-{id}`, whose secret is `app-secret`.
    pub async fn meta_app(&self, org: OrgId, now: Timestamp) -> AppId {
        let id = AppId::fresh(now, self.ctx.chance());
        let mut tx = self.ctx.store.begin().await.expect("a transaction");
        let mut sealed = Vec::new();
        for (place, secret) in [(store::apps::SECRET, "app-secret"), (store::apps::VERIFY_TOKEN, "verify-me")]
        {
            sealed.push(self.ctx.vault.seal(&mut tx, org, place, &secret.into(), now).await.expect("sealed"));
        }
        let verify_token = sealed.pop().expect("two");
        let app = App {
            id,
            org_id: Some(org),
            slug: format!("app-{id}"),
            meta_app_id: "400000000000001".into(),
            name: "Sapa".into(),
            config_id: None,
            secret: sealed.pop().expect("two"),
            previous_secret: None,
            previous_secret_until: None,
            verify_token,
            system_token: None,
            settings: Default::default(),
            created_at: now,
            retired_at: None,
        };
        tx.insert_app(&app).await.expect("an app");
        tx.commit().await.expect("a commit");
        id
    }

    async fn onboarding(&self, scope: &mut OrgScope<'_>, app: AppId, org: OrgId, samples: &mut Samples) {
        let (now, chance) = (self.now(), self.ctx.chance());
        // Meta's ids are unique for as long as our own are.
        let digits: String = org.0.as_u128().to_string().chars().rev().take(15).collect();
        let connection = NewConnection {
            id: ConnectionId::fresh(now, chance),
            app,
            mode: Mode::TechProvider,
            entry: Entry::Popup,
            variant: Variant::Standard,
            started_by: "test",
            invite: None,
            settings: ConnectionSettings::default(),
        };
        scope.insert_connection(&connection, now).await.expect("a connection");
        samples.insert("connection", connection.id.to_string());
        let bind = crate::number::account(AccountId::fresh(now, chance), app, &digits);
        let account = scope.bind_account(&bind, now).await.expect("an account");
        samples.insert("account", account.to_string());
        let number = crate::number::connected(NumberId::fresh(now, chance), &digits, "6281100000001");
        samples.insert("number", number.id.to_string());
        scope.record_numbers(account, &[number], now).await.expect("a number");
        let template = TemplateReading {
            id: TemplateId::fresh(now, chance),
            meta_template_id: digits.clone(),
            name: "order_ready".into(),
            language: "id".into(),
            category: "UTILITY".into(),
            status: "APPROVED".into(),
            quality: None,
            parameter_format: "POSITIONAL".into(),
            components: json!([{ "type": "BODY", "text": "Pesanan Anda siap." }]),
            rejected_reason: None,
            ttl_seconds: None,
            coming_category: None,
        };
        samples.insert("template", template.id.to_string());
        scope.record_templates(account, &[template], now).await.expect("a template");
        let draft = crate::rows::template_draft(account, now, chance);
        scope.put_template_draft(&draft).await.expect("a draft");
        samples.insert("draft", draft.id.to_string());
    }

    async fn collecting(&self, scope: &mut OrgScope<'_>, samples: &mut Samples) {
        let (now, chance) = (self.now(), self.ctx.chance());
        let form = Form {
            id: FormId::fresh(now, chance),
            token: Token::fresh("", chance).reveal().to_owned(),
            name: "Kasir".into(),
            number_id: samples["number"].parse().ok(),
            status: FormStatus::Active,
            double_opt_in: DoubleOptIn::Whatsapp,
            version_id: None,
            settings: Json(FormSettings::default()),
            created_at: now,
            updated_at: now,
        };
        scope.insert_form(&form).await.expect("a form");
        let version = FormVersion {
            id: FormVersionId::fresh(now, chance),
            form_id: form.id,
            ordinal: 1,
            wording: Json(FormWording {
                business: "Kopi Senja".into(),
                privacy_url: "https://kopisenja.example/privasi".into(),
                purposes: vec![Purpose::Utility],
                channels: vec![Channel::Whatsapp],
                en: None,
                id: Some(FormWords { title: "Kabar".into(), ..FormWords::default() }),
            }),
            hashes: Json(Vec::new()),
            published_by: "test".into(),
            published_at: now,
        };
        scope.insert_form_version(&version).await.expect("a version");
        let experiment = Experiment {
            id: ExperimentId::fresh(now, chance),
            form_id: form.id,
            name: "Kata mana".into(),
            arms: Json(vec![version.id]),
            plan: Json(ExperimentPlan { base: 0.3, effect: 0.1, per_arm: 356 }),
            salt: Some(vec![7; 32]),
            state: ExperimentState::Running,
            started_by: "test".into(),
            started_at: now,
            full_at: None,
            ended_at: None,
            adopted_id: None,
        };
        scope.insert_experiment(&experiment).await.expect("an experiment");
        let link = ChatLink {
            id: ChatLinkId::fresh(now, chance),
            token: Token::fresh("", chance).reveal().to_owned(),
            code: "K7M2QX".into(),
            number_id: samples["number"].parse().expect("an id"),
            name: "Poster".into(),
            text: "Halo".into(),
            wording: None,
            purposes: Json(Vec::new()),
            status: FormStatus::Active,
            opened: 0,
            created_at: now,
            updated_at: now,
        };
        scope.insert_chat_link(&link).await.expect("a link");
        samples.extend([
            ("form", form.id.to_string()),
            ("version", version.id.to_string()),
            ("experiment", experiment.id.to_string()),
            ("chat_link", link.id.to_string()),
        ]);
    }

    async fn records(&self, scope: &mut OrgScope<'_>, org: OrgId, samples: &mut Samples) {
        let (now, chance) = (self.now(), self.ctx.chance());
        let kind = server::records::starter(now, chance);
        scope.put_record_kind(&kind).await.expect("a kind of records");
        let permit = Put {
            external_id: format!("SIUP-{org}"),
            contact: samples["contact"].parse().ok(),
            dates: [("expires_on".to_owned(), Day(now.day() + 30))].into(),
            data: json!({ "title": "Izin usaha" }),
        };
        let record = scope.put_records(kind.id, &[permit], now, chance).await.expect("a record");
        let connector = Connector {
            id: ConnectorId::fresh(now, chance),
            kind_id: kind.id,
            system: "odoo".into(),
            title: "Odoo".into(),
            settings: Json(json!({
                "url": "https://odoo.example.com", "database": "toko", "login": "sapa", "model": "sale.order",
                "domain": [], "external_id": "name", "contact": null, "phone": "phone", "fields": {}, "every_minutes": 60,
            })),
            secret: Vec::new(),
            enabled: false,
            place: None,
            last_run: None,
            next_at: now,
            created_at: now,
            updated_at: now,
        };
        scope.put_connector(&connector).await.expect("a connector");
        let definition = json!({
            "number_id": samples["number"], "template": "order_ready", "language": "id",
            "audience": { "kind": "contacts" }, "trigger": { "kind": "call" },
        });
        let notification = Notification {
            id: NotificationId::fresh(now, chance),
            name: "Pesanan siap".into(),
            state: NotificationState::Paused,
            definition: Json(definition.clone()),
            seen_until: now,
            next_at: None,
            created_by: "test".into(),
            created_at: now,
            updated_at: now,
        };
        scope.put_notification(&notification).await.expect("a notification");
        let run = Run {
            id: RunId::fresh(now, chance),
            notification_id: notification.id,
            run_key: "first".into(),
            cause: Cause::Member,
            state: RunState::Done,
            due_at: now,
            day: Day(now.day()),
            definition: Json(json!({ "definition": definition })),
            place: None,
            people: 0,
            counts: Json([].into()),
            begun_by: "test".into(),
            created_at: now,
            ended_at: Some(now),
        };
        scope.begin_run(&run).await.expect("a run");
        samples.extend([
            ("record_kind", kind.id.to_string()),
            ("record", record[0].id().to_string()),
            ("connector", connector.id.to_string()),
            ("notification", notification.id.to_string()),
            ("run", run.id.to_string()),
        ]);
    }

    async fn inbox(&self, scope: &mut OrgScope<'_>, samples: &mut Samples) {
        let (now, chance) = (self.now(), self.ctx.chance());
        let number_id: NumberId = samples["number"].parse().expect("an id");
        let thread = crate::number::chat(scope, number_id, "6281234567890", now, chance)
            .await
            .expect("a conversation");
        let content = json!({ "body": "Halo" });
        let wamid = format!("wamid.{}", thread.conversation_id);
        let message = NewMessage {
            body: "Halo",
            at: now,
            created_at: now,
            ..NewMessage::inbound(MessageId::fresh(now, chance), thread, Kind::Text, &content, &wamid)
        };
        scope.insert_message(&message).await.expect("a message");
        let upload = NewUpload {
            id: MediaId::fresh(now, chance),
            mime: "application/pdf",
            file_name: Some("menu.pdf"),
            size: 4,
            sha256: &[9; 32],
            examined: store::media::Examined::default(),
        };
        scope.insert_upload(&upload, now).await.expect("a file");
        let note = Note {
            id: NoteId::fresh(now, chance),
            conversation_id: thread.conversation_id,
            author_id: None,
            body: "Pelanggan lama.".into(),
            mentions: Json(Vec::new()),
            created_at: now,
            edited_at: None,
        };
        scope.insert_note(&note).await.expect("a note");
        let reply = CannedReply {
            id: CannedReplyId::fresh(now, chance),
            shortcut: "jam".into(),
            body: "Kami buka pukul tujuh.".into(),
            updated_at: now,
        };
        scope.put_canned_reply(&reply).await.expect("a canned reply");
        let view = InboxView {
            id: InboxViewId::fresh(now, chance),
            member_id: None,
            name: "Belum dibaca".into(),
            filter: Json(json!({ "unread": true })),
            created_at: now,
        };
        scope.add_inbox_view(&view).await.expect("a view");
        samples.extend([
            ("note", note.id.to_string()),
            ("reply", reply.id.to_string()),
            ("view", view.id.to_string()),
            ("contact", thread.contact_id.to_string()),
            ("conversation", thread.conversation_id.to_string()),
            ("message", message.id.to_string()),
            ("media", upload.id.to_string()),
        ]);
    }
}
