//! Keyset pages: a cursor names the last row seen, never an offset.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rules::time::Timestamp;
use uuid::Uuid;

/// A place in a list ordered by time and id, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The time of the last row seen.
    pub at: Timestamp,
    /// Its id, which settles ties.
    pub id: Uuid,
}

impl Cursor {
    /// Before every row there is.
    pub const NEWEST: Self = Self { at: Timestamp(i64::MAX), id: Uuid::max() };

    /// Reads what [`Display`](std::fmt::Display) wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 24] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (at, id) = bytes.split_at(8);
        Some(Self { at: Timestamp(i64::from_be_bytes(at.try_into().ok()?)), id: Uuid::from_slice(id).ok()? })
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.at.0.to_be_bytes());
        bytes[8..].copy_from_slice(self.id.as_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// How many rows to fetch for a page of `limit`: one more, which says that there is more.
    pub(crate) fn fetch(limit: usize) -> i64 {
        i64::try_from(limit).map_or(i64::MAX, |limit| limit.saturating_add(1))
    }

    /// Makes a page from up to `limit + 1` rows: the surplus one says that there is more.
    pub fn cut(mut items: Vec<T>, limit: usize, cursor: impl Fn(&T) -> Cursor) -> Self {
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(cursor) } else { None };
        Self { items, next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_trip() {
        let cursor = Cursor { at: Timestamp(-5), id: Uuid::from_u128(77) };
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        assert_eq!(Cursor::parse("rubbish"), None);
    }

    #[test]
    fn the_last_page_has_no_next() {
        let at = |n: &i64| Cursor { at: Timestamp(*n), id: Uuid::nil() };
        assert_eq!(Page::cut(vec![3, 2, 1], 2, at).next, Some(at(&2)));
        assert_eq!(Page::cut(vec![3, 2], 2, at).next, None);
    }
}
