//! Long lists in pages, by plain links.

use actix_web::HttpRequest;

use crate::protocol::Parameters;
use crate::web::page::{query_value, with_query};

/// How many entries a page shows.
const SIZE: i64 = 50;
/// Nobody reads on to here; it bounds what the database has to skip.
const LAST: i64 = 2000;

/// Which page of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging(i64);

/// The links to the pages before and after.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pager {
    /// Which page this is, from 1.
    pub number: i64,
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
}

impl Paging {
    /// As `?page=` says; whatever else it says, the first.
    pub fn of(request: &HttpRequest) -> Self {
        let asked = query_value(request, "page").and_then(|page| page.parse().ok());
        Self(asked.unwrap_or(1).clamp(1, LAST))
    }

    /// How many rows to ask for: one more than is shown, which tells whether there is another page.
    pub fn limit(self) -> i64 {
        SIZE + 1
    }

    /// How many rows to skip.
    pub fn offset(self) -> i64 {
        (self.0 - 1) * SIZE
    }

    /// Cuts the rows to the page; gives the links to its neighbours, which keep the filters.
    pub fn cut<T>(self, rows: &mut Vec<T>, request: &HttpRequest) -> Pager {
        let shown = usize::try_from(SIZE).unwrap_or(usize::MAX);
        let more = rows.len() > shown && self.0 < LAST;
        rows.truncate(shown);
        Pager {
            number: self.0,
            previous: (self.0 > 1).then(|| address(self.0 - 1, request)),
            next: more.then(|| address(self.0 + 1, request)),
        }
    }
}

fn address(page: i64, request: &HttpRequest) -> String {
    let given = Parameters::parse(request.query_string().as_bytes()).unwrap_or_default();
    let page = page.to_string();
    let filters = given
        .iter()
        .filter(|(name, _)| !["page", "done"].contains(name));
    let query: Vec<_> = filters.chain([("page", page.as_str())]).collect();
    with_query(request.path(), &query)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn cut(uri: &str, rows: usize) -> (usize, Pager) {
        let request = TestRequest::with_uri(uri).to_http_request();
        let mut rows = vec![(); rows];
        let pager = Paging::of(&request).cut(&mut rows, &request);
        (rows.len(), pager)
    }

    #[test]
    fn neighbours_keep_the_filters_and_forget_what_was_just_done() {
        let (rows, pager) = cut("/admin/links?client=a%26b&page=2&done=link-ended", 51);
        assert_eq!(rows, 50);
        assert_eq!(pager.previous.unwrap(), "/admin/links?client=a%26b&page=1");
        assert_eq!(pager.next.unwrap(), "/admin/links?client=a%26b&page=3");
    }

    #[test]
    fn a_short_list_has_one_page() {
        assert_eq!(
            cut("/admin/links", 50),
            (
                50,
                Pager {
                    number: 1,
                    ..Pager::default()
                }
            )
        );
    }

    #[test]
    fn a_page_number_out_of_bounds_is_brought_within() {
        for (given, number) in [
            ("0", 1),
            ("-7", 1),
            ("x", 1),
            ("99999999999999999999", 1),
            ("5000", LAST),
        ] {
            assert_eq!(
                cut(&format!("/admin/links?page={given}"), 0).1.number,
                number
            );
        }
    }
}
