//! Grounded answers without a model: words, stems, passages, ranking, extractive answers, refusals.
//!
//! Everything here is a pure function of its arguments: no clock, no I/O, no database, no network. The same
//! stemmed text is indexed on every database, so what is found and how it is ranked does not depend on the store.
//!
//! # How a question is answered
//! 1. On import, [`passages::cut`] turns a document into [`passages::Passage`]s; the store keeps each beside its
//!    [`title_stems`](passages::Passage::title_stems) and [`text_stems`](passages::Passage::text_stems), notes
//!    which passages hold which stems, and counts in how many each occurs.
//! 2. [`query::Query::new`] reads the customer's words. The store looks up the frequency of every
//!    [`form`](query::Query::forms) and gives them back as [`rank::Statistics`].
//! 3. For the words that no passage knows ([`query::Query::unknown`]) the store offers the stems of like length
//!    ([`words::spelling::lengths`]), [`query::Query::repair`] mends the spelling, and frequencies are looked up once more.
//! 4. The store finds [`rank::CANDIDATES`] that hold most of what is [`wanted`](rank::Statistics::wanted); [`rank::rank`]
//!    orders them, with the
//!    similarity of embeddings where there is an endpoint.
//! 5. [`extract::answer`] chooses sentences or refuses; or [`prompt::build`] writes the request for a language
//!    model and [`check::check_reply`] reads its reply with suspicion.
//!
//! [`smalltalk::recognise`] goes first: greetings, thanks and the wish for a person need no passages.

pub mod check;
pub mod extract;
pub mod language;
pub mod passages;
pub mod prompt;
pub mod query;
pub mod rank;
pub mod smalltalk;
pub mod words;

pub use language::Language;
