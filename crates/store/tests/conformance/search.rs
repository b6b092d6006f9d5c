//! Finding messages by their words.

use std::time::Duration;

use rules::id::{ConversationId, MessageId, NumberId, OrgId};
use rules::message::{Author, Kind};
use rules::time::Clock as _;
use serde_json::json;
use store::messages::{NewMessage, Thread};
use store::{Cursor, Store};
use testkit::{Seeded, TestClock, both, number};

struct World {
    store: Store,
    clock: TestClock,
    chance: Seeded,
}

impl World {
    async fn conversation(&self, org: OrgId, digits: &str) -> Thread {
        let mut tx = self.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let now = self.clock.now();
        let number_id = NumberId::fresh(now, &self.chance);
        let thread = number::chat(&mut scope, number_id, digits, now, &self.chance).await.unwrap();
        tx.commit().await.unwrap();
        thread
    }

    async fn say(&self, org: OrgId, thread: Thread, body: &str) -> MessageId {
        self.clock.advance(Duration::from_millis(2));
        let (now, content) = (self.clock.now(), json!({}));
        let id = MessageId::fresh(now, &self.chance);
        let message = NewMessage {
            body,
            at: now,
            created_at: now,
            ..NewMessage::outbound(id, thread, Author::Member, Kind::Text, &content)
        };
        let mut tx = self.store.begin().await.unwrap();
        assert!(tx.org(org).await.unwrap().insert_message(&message).await.unwrap());
        tx.commit().await.unwrap();
        id
    }

    async fn index(&self, limit: i64) -> usize {
        let mut tx = self.store.begin().await.unwrap();
        let done = tx.index_messages(limit).await.unwrap();
        tx.commit().await.unwrap();
        done
    }

    async fn find(&self, org: OrgId, text: &str, within: Option<ConversationId>) -> Vec<MessageId> {
        let mut tx = self.store.read().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let page = scope.search_messages(text, within, Cursor::NEWEST, 50).await.unwrap();
        page.items.into_iter().map(|message| message.id).collect()
    }
}

#[tokio::test]
async fn words_are_found_newest_first_and_only_by_their_own_organisation() {
    both(|db| async move {
        let world = World { store: db.store.clone(), clock: TestClock::default(), chance: Seeded::default() };
        let orgs = [(); 2].map(|()| OrgId::fresh(world.clock.now(), &world.chance));
        let one = world.conversation(orgs[0], "6281234567890").await;
        let two = world.conversation(orgs[0], "6281234567891").await;
        let foreign = world.conversation(orgs[1], "6281234567890").await;
        let first = world.say(orgs[0], one, "Berapa harga kopi Gayo?").await;
        let second = world.say(orgs[0], two, "Harganya Rp85.000, Café \u{201c}Sapa\u{201d}").await;
        let theirs = world.say(orgs[1], foreign, "harga kopi").await;
        world.say(orgs[0], one, "").await;
        assert!(world.find(orgs[0], "harga", None).await.is_empty(), "not indexed yet");
        assert_eq!(world.index(3).await, 3);
        assert_eq!(world.index(3).await, 1);
        assert_eq!(world.index(3).await, 0);

        for (text, expected) in [
            ("harga", vec![second, first]),
            ("HARGA kopi", vec![first]),
            ("cafe", vec![second]),
            ("rp85000", vec![second]),
            ("gay", vec![first]),
            ("\" OR org:", vec![]),
            ("' & !", vec![]),
            ("ayo", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(world.find(orgs[0], text, None).await, expected, "{text}");
        }
        assert_eq!(world.find(orgs[0], "harga", Some(one.conversation_id)).await, [first]);
        assert_eq!(world.find(orgs[1], "harga", None).await, [theirs]);

        let mut tx = world.store.begin().await.unwrap();
        let mut scope = tx.org(orgs[0]).await.unwrap();
        let page = scope.search_messages("harga", None, Cursor::NEWEST, 1).await.unwrap();
        let rest = scope.search_messages("harga", None, page.next.unwrap(), 1).await.unwrap();
        assert_eq!((rest.items[0].id, rest.next), (first, None));
        assert!(scope.rewrite_message(first, &json!({}), "teh tarik").await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(world.index(10).await, 1);
        assert_eq!(world.find(orgs[0], "harga", None).await, [second]);
        assert_eq!(world.find(orgs[0], "tarik", None).await, [first]);
    })
    .await;
}

#[tokio::test]
async fn what_was_said_is_found_after_two_contacts_became_one() {
    both(|db| async move {
        let world = World { store: db.store.clone(), clock: TestClock::default(), chance: Seeded::default() };
        let org = OrgId::fresh(world.clock.now(), &world.chance);
        let going = world.conversation(org, "6281234567890").await;
        let staying = world.conversation(org, "6281234567891").await;
        let said = world.say(org, going, "kopi susu").await;
        world.index(10).await;
        let mut tx = world.store.begin().await.unwrap();
        let mut scope = tx.org(org).await.unwrap();
        let now = world.clock.now();
        assert!(
            scope.merge_contacts(staying.contact_id, going.contact_id, now, &world.chance).await.unwrap()
        );
        tx.commit().await.unwrap();
        assert_eq!(world.find(org, "kopi", None).await, [said]);
    })
    .await;
}

#[tokio::test]
async fn a_beginning_of_few_words_and_of_many_finds_the_newest() {
    both(|db| async move {
        let world = World { store: db.store.clone(), clock: TestClock::default(), chance: Seeded::default() };
        let orgs = [(); 2].map(|()| OrgId::fresh(world.clock.now(), &world.chance));
        let threads = [
            world.conversation(orgs[0], "6281234567890").await,
            world.conversation(orgs[1], "6281234567890").await,
        ];
        let mut said = Vec::new();
        for n in 0..230 {
            said.push(world.say(orgs[0], threads[0], &format!("resi{n:03} dikirim")).await);
        }
        let theirs = world.say(orgs[1], threads[1], "resi000 resimu").await;
        while world.index(100).await == 100 {}
        said.reverse();
        assert_eq!(world.find(orgs[0], "res", None).await, said[..50], "more words than are named");
        assert_eq!(world.find(orgs[0], "resi1", None).await, said[30..80], "a hundred, named");
        assert_eq!(world.find(orgs[0], "dik resi00", None).await, said[220..]);
        assert_eq!(world.find(orgs[0], "resi000 dik", None).await, said[229..]);
        assert!(world.find(orgs[0], "resimu", None).await.is_empty());
        assert_eq!(world.find(orgs[1], "resi", None).await, [theirs]);
    })
    .await;
}

/// Every combination of three letters, of which one message holds as many as fit.
fn many_words() -> Vec<String> {
    let letters = || 'a'..='z';
    let words =
        letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| format!("{a}{b}{c}"))));
    words.collect::<Vec<_>>().chunks(1_000).map(|words| words.join(" ")).collect()
}

#[tokio::test]
async fn messages_of_nothing_but_words_of_their_own_are_indexed() {
    both(|db| async move {
        let world = World { store: db.store.clone(), clock: TestClock::default(), chance: Seeded::default() };
        let org = OrgId::fresh(world.clock.now(), &world.chance);
        let thread = world.conversation(org, "6281234567890").await;
        let mut said = Vec::new();
        // Twice, which is more text than is indexed together.
        for text in many_words().into_iter().chain(many_words()) {
            said.push(world.say(org, thread, &text).await);
        }
        assert_eq!(world.index(100).await, 36);
        for text in ["zzz zzy", "zz"] {
            assert_eq!(world.find(org, text, None).await, [said[35], said[17]], "{text}");
        }
        let all = ('a'..='z').map(|letter| letter.to_string()).collect::<Vec<_>>().join(" ");
        assert!(world.find(org, &all, None).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn letters_that_a_database_takes_for_signs_are_found_like_others() {
    both(|db| async move {
        let world = World { store: db.store.clone(), clock: TestClock::default(), chance: Seeded::default() };
        let org = OrgId::fresh(world.clock.now(), &world.chance);
        let thread = world.conversation(org, "6281234567890").await;
        let said = world.say(org, thread, "a\u{1f171}x \u{1f17f}arkir \u{2460}\u{b2} \u{e000}").await;
        world.index(10).await;
        for text in ["a", "a\u{1f171}", "\u{1f17f}arkir", "\u{1f17f}", "\u{2460}"] {
            assert_eq!(world.find(org, text, None).await, [said], "{text}");
        }
    })
    .await;
}
