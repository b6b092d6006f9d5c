//! The table itself: rows of codes with their class, whose they are to mend, what they mean for a send, and
//! what to tell people. Add a code by adding it to a row or writing a row; nothing else needs to change.

mod access;
mod account;
mod other;
mod sending;
mod template;

use std::fmt;

use rules::outcome::Scope;

use super::{Class, Doing, Fault, Words};

/// What a code means for a message being sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnSend {
    /// Not processed; repeat after so many seconds, holding back so much meanwhile.
    Retry(u64, Scope),
    /// May have been sent.
    Unknown,
    /// Hold back so much until somebody acts or time passes.
    Later(Scope),
    /// This message will not be accepted.
    Never,
}

/// A code of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// A code, whatever its finer code. A code of Meta's business tools (millions) also matches as the finer
    /// code under 100, which is how it usually comes.
    Plain(i64),
    /// A code with one finer code.
    Finer(i64, i64),
    /// From, to.
    Range(i64, i64),
}

impl Code {
    /// How exactly this names a code: 0 not at all, more is better.
    fn matches(self, code: i64, subcode: Option<i64>) -> u8 {
        match self {
            Self::Finer(own, finer) if own == code && Some(finer) == subcode => 3,
            Self::Plain(own) if own > 1_000_000 && Some(own) == subcode => 3,
            Self::Plain(own) if own == code => 2,
            Self::Range(from, to) if (from..=to).contains(&code) => 1,
            _ => 0,
        }
    }

    #[cfg(test)]
    pub(super) fn names_subcode(self, subcode: i64) -> bool {
        matches!(self, Self::Finer(_, finer) if finer == subcode)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(code) => write!(f, "{code}"),
            Self::Finer(code, finer) => write!(f, "{code}/{finer}"),
            Self::Range(from, to) => write!(f, "{from}-{to}"),
        }
    }
}

/// A row of the table.
#[derive(Debug)]
pub(super) struct Row {
    pub codes: &'static [Code],
    /// Only while we were doing this.
    pub during: Option<Doing>,
    pub class: Class,
    pub fault: Fault,
    pub on_send: OnSend,
    pub what: Words,
    pub next: Words,
}

/// A row that holds only while we were doing something.
const fn during(doing: Doing, mut row: Row) -> Row {
    row.during = Some(doing);
    row
}

const fn row(
    codes: &'static [Code],
    class: Class,
    fault: Fault,
    on_send: OnSend,
    what: Words,
    next: Words,
) -> Row {
    Row { codes, during: None, class, fault, on_send, what, next }
}

const fn words(en: &'static str, id: &'static str) -> Words {
    Words { en, id }
}

/// What is said of a code we do not know.
pub(super) static UNKNOWN: Row = row(
    &[],
    Class::Request,
    Fault::Us,
    OnSend::Never,
    words(
        "WhatsApp refused this for a reason we do not know yet",
        "WhatsApp menolak ini dengan alasan yang belum kami kenal",
    ),
    words(
        "Tell whoever runs this platform, with the code shown here.",
        "Beri tahu pengelola platform ini, sertakan kode yang tampil di sini.",
    ),
);

/// All rows, section by section.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    [access::ROWS, sending::ROWS, account::ROWS, template::ROWS, other::ROWS].into_iter().flatten()
}

/// The row that names a code best: the finer code first, then the occasion, then the code, then a range.
pub(super) fn find(doing: Doing, code: i64, subcode: Option<i64>) -> Option<&'static Row> {
    rows()
        .filter(|row| row.during.is_none_or(|during| during == doing))
        .filter_map(|row| {
            let exactness = row.codes.iter().map(|own| own.matches(code, subcode)).max()?;
            (exactness > 0).then_some((exactness, row.during.is_some(), row))
        })
        .max_by_key(|(exactness, during, _)| (*exactness, *during))
        .map(|(.., row)| row)
}
