//! Paging by keyset: `?cursor=&limit=` in, `{items,next_cursor}` out, newest first.
//!
//! A cursor is the id of the last item already given. UUIDv7 ids sort by time, so no item is lost or doubled while
//! others are added. To clients it is opaque.

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::future::{Ready, ready};
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};
use uuid::Uuid;

use crate::{
    problem::{FieldError, Problem},
    query::Query,
};

const DEFAULT_LIMIT: i64 = 20;
const MAX_LIMIT: i64 = 100;

/// Which page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Give what comes after this item.
    pub after: Option<Uuid>,
    /// At most this many items, 1 to 100.
    pub limit: i64,
}

/// One page of items.
#[derive(Debug, Serialize)]
pub struct Paged<T> {
    /// The items, newest first.
    pub items: Vec<T>,
    /// Where the next page begins; null on the last one.
    pub next_cursor: Option<String>,
}

impl Page {
    /// How many rows to read: one more than is shown tells whether there is a next page.
    pub fn rows(&self) -> i64 {
        self.limit + 1
    }

    /// All that this page may give has an id below this one, as text.
    pub fn before(&self) -> String {
        self.after.unwrap_or(Uuid::max()).to_string()
    }

    /// Makes the page out of the rows read; `id` tells a row's place.
    pub fn build<R, T>(&self, rows: Vec<R>, id: impl Fn(&R) -> &str, item: impl Fn(R) -> T) -> Paged<T> {
        self.cut(rows, id, None).into_page(item)
    }

    /// What this page gives of the rows read. When the reading was broken off, `read_down_to` is the id down to which it
    /// is complete: then the page may be short, or empty, and yet have a next one.
    pub fn cut<R>(
        &self,
        mut rows: Vec<R>,
        id: impl Fn(&R) -> &str,
        read_down_to: Option<String>,
    ) -> Found<R> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        if rows.len() <= limit {
            return Found { rows, resume_after: read_down_to };
        }
        rows.truncate(limit);
        let last = rows.last().map_or_else(|| self.before(), |row| id(row).to_owned());
        Found { rows, resume_after: Some(last) }
    }
}

/// What was found for one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<R> {
    /// What it gives, newest first.
    pub rows: Vec<R>,
    /// The id that the next page comes after; `None` on the last one.
    pub resume_after: Option<String>,
}

impl<R> Found<R> {
    /// The page itself.
    pub fn into_page<T>(self, item: impl Fn(R) -> T) -> Paged<T> {
        let next_cursor = self.resume_after.as_deref().and_then(encode);
        Paged { items: self.rows.into_iter().map(item).collect(), next_cursor }
    }
}

fn encode(id: &str) -> Option<String> {
    Uuid::parse_str(id).ok().map(|id| URL_SAFE_NO_PAD.encode(id.as_bytes()))
}

fn decode(cursor: &str) -> Option<Uuid> {
    Uuid::from_slice(&URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Parameters {
    /// Where the page begins: a `next_cursor` as it was given. Left out, at the newest.
    cursor: Option<String>,
    /// How many items at the most.
    #[param(value_type = Option<i64>, minimum = 1, maximum = 100, default = 20)]
    limit: Option<String>,
}

impl IntoParams for Page {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        Parameters::into_params(parameter_in)
    }
}

impl TryFrom<Parameters> for Page {
    type Error = Problem;

    fn try_from(parameters: Parameters) -> Result<Self, Problem> {
        let mut errors = Vec::new();
        let limit = parameters.limit.map_or(Some(DEFAULT_LIMIT), |text| {
            text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit))
        });
        if limit.is_none() {
            errors.push(FieldError::new("limit", format!("must be a whole number from 1 to {MAX_LIMIT}")));
        }
        let after = parameters.cursor.filter(|text| !text.is_empty()).map(|text| decode(&text));
        if after == Some(None) {
            errors.push(FieldError::new("cursor", "must be a next_cursor as it was given"));
        }
        match (limit, errors.is_empty()) {
            (Some(limit), true) => Ok(Self { after: after.flatten(), limit }),
            _ => Err(Problem::invalid_input(errors)),
        }
    }
}

impl FromRequest for Page {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parameters = Query::<Parameters>::from_request(request, payload).into_inner();
        ready(parameters.and_then(|Query(parameters)| parameters.try_into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(cursor: Option<&str>, limit: Option<&str>) -> Result<Page, Problem> {
        Parameters { cursor: cursor.map(Into::into), limit: limit.map(Into::into) }.try_into()
    }

    #[test]
    fn limits_and_cursors_are_checked() {
        assert_eq!(page(None, None).unwrap(), Page { after: None, limit: 20 });
        assert_eq!(page(None, Some("100")).unwrap().limit, 100);
        for bad in ["0", "101", "-1", "x", ""] {
            assert!(page(None, Some(bad)).is_err(), "{bad}");
        }
        assert!(page(Some("not a cursor"), None).is_err());
    }

    #[test]
    fn the_next_cursor_leads_to_the_last_item_given() {
        let ids: Vec<String> = (0..3).map(|n| Uuid::from_u128(n).to_string()).collect();
        let first = Page { after: None, limit: 2 }.build(ids.clone(), |id| id, |id| id);
        assert_eq!(first.items, ids[..2]);
        let next = page(first.next_cursor.as_deref(), None).unwrap();
        assert_eq!(next.after, Some(Uuid::from_u128(1)));
        assert!(Page { after: None, limit: 3 }.build(ids, |id| id, |id| id).next_cursor.is_none());
    }

    #[test]
    fn a_page_whose_reading_was_broken_off_leads_on_from_there() {
        let ids: Vec<String> = (0..3).rev().map(|n| Uuid::from_u128(n).to_string()).collect();
        let floor = Some(Uuid::nil().to_string());
        let cut =
            |limit, ids: &[String]| Page { after: None, limit }.cut(ids.to_vec(), |id| id, floor.clone());
        assert_eq!(cut(5, &[]), Found { rows: vec![], resume_after: floor.clone() });
        assert_eq!(cut(3, &ids), Found { rows: ids.clone(), resume_after: floor.clone() });
        assert_eq!(cut(2, &ids), Found { rows: ids[..2].to_vec(), resume_after: Some(ids[1].clone()) });
        let from_the_start = Some(Uuid::max().to_string());
        assert_eq!(cut(0, &ids), Found { rows: vec![], resume_after: from_the_start });
    }
}
