//! Ids of our own things: UUIDv7, so that they sort by the time they were made, one Rust type per noun.

use uuid::{Builder, Uuid};

use crate::time::{Randomness, Timestamp};

/// A fresh UUIDv7 of this moment, to the microsecond (RFC 9562, 6.2, method 3): what happens within one millisecond
/// keeps its order too.
pub fn fresh(now: Timestamp, randomness: &dyn Randomness) -> Uuid {
    let mut tail = [0; 10];
    randomness.fill(&mut tail);
    // Twelve bits stand between the milliseconds and the rest: ten for the microseconds, two left to chance.
    let micros = u16::try_from(now.0.rem_euclid(1_000)).unwrap_or(0);
    let [high, low] = (micros << 2).to_be_bytes();
    (tail[0], tail[1]) = (high, low | (tail[1] & 3));
    let millis = u64::try_from(now.0.div_euclid(1_000)).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
}

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident,)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        #[serde(transparent)]
        #[schema(value_type = String, format = Uuid)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh id of this moment.
            pub fn fresh(now: Timestamp, randomness: &dyn Randomness) -> Self {
                Self(fresh(now, randomness))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
        }
    )+};
}

ids! {
    /// An organisation, the tenant.
    OrgId,
    /// A human being who signs in; may be a member of several organisations, or an operator.
    PersonId,
    /// A person's place in one organisation.
    MemberId,
    /// A file of contacts that somebody brought in.
    ImportId,
    /// All that is held about a contact, put together in a file.
    ContactExportId,
    /// A contact that was erased.
    ErasureId,
    /// An invitation to become a member.
    MemberInviteId,
    /// A signed-in browser.
    SessionId,
    /// A member's browser that is told of what waits for them.
    PushSubscriptionId,
    /// A passkey that a person signs in with.
    PasskeyId,
    /// An OpenID Connect provider that people sign in through.
    ProviderId,
    /// What a person is called at a provider.
    IdentityId,
    /// A machine's key to the API.
    KeyId,
    /// A Meta app whose webhooks we receive and whose tokens we hold.
    AppId,
    /// One organisation's onboarding of one messaging account.
    ConnectionId,
    /// An operator's link that lets a client connect without an account.
    ConnectInviteId,
    /// A messaging account (what Meta calls WABA).
    AccountId,
    /// A business phone number.
    NumberId,
    /// A change of a number.
    NumberChangeId,
    /// A person who writes to an organisation.
    ContactId,
    /// A contact's thread with a number.
    ConversationId,
    /// One message, inbound or outbound.
    MessageId,
    /// A note that members leave each other in a conversation.
    NoteId,
    /// A text kept for answering with.
    CannedReplyId,
    /// A choice of conversations under a name.
    InboxViewId,
    /// One entry of the consent ledger.
    ConsentEventId,
    /// One business-initiated intention: a template to one contact, whether or not it went out.
    OutreachId,
    /// A message to a contact on another channel than WhatsApp.
    ReachId,
    /// A notification that an organisation has defined.
    NotificationId,
    /// One run of a notification.
    RunId,
    /// One recipient of a run.
    RecipientId,
    /// A message template.
    TemplateId,
    /// A template while it is written.
    TemplateDraftId,
    /// Something that happened to a template.
    TemplateEventId,
    /// A stored file.
    MediaId,
    /// A source of knowledge.
    SourceId,
    /// A passage of a source.
    PassageId,
    /// One answer of the AI, with what it rested on.
    AnswerId,
    /// A form in which people agree to be written to.
    FormId,
    /// What a form says, as it was published once.
    FormVersionId,
    /// What somebody sent with a form.
    SubmissionId,
    /// A comparison of what a form may say.
    ExperimentId,
    /// A link that begins a conversation.
    ChatLinkId,
    /// A kind of business records.
    RecordKindId,
    /// A business record.
    RecordId,
    /// Another system that business records are fetched from.
    ConnectorId,
    /// One entry of the audit log.
    AuditId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Zeros;
    impl Randomness for Zeros {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(0);
        }
    }

    #[derive(Debug)]
    struct Ones;
    impl Randomness for Ones {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(255);
        }
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let early = MessageId::fresh(Timestamp::from_seconds(1_795_000_000), &Zeros);
        let late = MessageId::fresh(Timestamp::from_seconds(1_795_000_001), &Zeros);
        assert!(early < late);
        assert_eq!(early.0.get_version_num(), 7);
        let moment = Timestamp(1_795_000_000_000_998);
        let next = Timestamp(moment.0 + 1);
        assert!(MessageId::fresh(moment, &Ones) < MessageId::fresh(next, &Zeros));
        assert_eq!(early.to_string().parse::<MessageId>(), Ok(early));
    }
}
