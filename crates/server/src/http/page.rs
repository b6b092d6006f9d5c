//! Lists in pages: a cursor names the last row seen.

use garde::Validate;
use serde::{Deserialize, Serialize};
use store::{Cursor, Page};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;

/// Which part of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, Validate)]
#[into_params(parameter_in = Query)]
#[garde(allow_unvalidated)]
pub struct PageQuery {
    /// Where to go on: `next` of the page before. Without it, the newest.
    pub after: Option<String>,
    /// How many at most; 50 unless told.
    #[garde(range(min = 1, max = 200))]
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i64>,
}

impl PageQuery {
    /// Where to go on.
    pub fn cursor(&self) -> Result<Cursor, Problem> {
        match &self.after {
            None => Ok(Cursor::NEWEST),
            Some(text) => Cursor::parse(text).ok_or_else(|| {
                Problem::bad_request(
                    "bad_cursor",
                    "`after` does not read: use `next` of a page of the same list, unchanged.",
                )
            }),
        }
    }

    /// How many at most.
    pub fn limit(&self) -> usize {
        self.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(50)
    }
}

/// One page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Send it as `after` for the next page; `null` on the last one.
    pub next: Option<String>,
}

impl<T> List<T> {
    /// A list that fits on one page.
    pub fn whole(items: impl IntoIterator<Item = impl Into<T>>) -> Self {
        Self { items: items.into_iter().map(Into::into).collect(), next: None }
    }
}

impl<R, T: From<R>> From<Page<R>> for List<T> {
    fn from(page: Page<R>) -> Self {
        Self {
            items: page.items.into_iter().map(Into::into).collect(),
            next: page.next.map(|cursor| cursor.to_string()),
        }
    }
}
