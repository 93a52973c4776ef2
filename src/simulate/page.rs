//! Reading a page as a browser does, as far as posting its forms needs it: the forms with their
//! addresses and hidden fields, and the heading for people.

/// A form of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it is posted to.
    pub action: String,
    /// Its hidden fields, in their order.
    pub hidden: Vec<(String, String)>,
    /// The names of the fields a person fills in or taps.
    pub fields: Vec<String>,
}

/// All forms of a page.
pub fn forms(page: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    let mut open: Option<Form> = None;
    for tag in Tags(page) {
        match tag.name {
            "form" => {
                open = Some(Form {
                    action: tag.attribute("action").unwrap_or_default(),
                    hidden: Vec::new(),
                    fields: Vec::new(),
                });
            }
            "/form" => forms.extend(open.take()),
            "input" | "button" | "select" | "textarea" => {
                if let (Some(form), Some(name)) = (&mut open, tag.attribute("name")) {
                    let kind = tag.attribute("type").unwrap_or_default();
                    if kind.eq_ignore_ascii_case("hidden") {
                        let value = tag.attribute("value").unwrap_or_default();
                        form.hidden.push((name, value));
                    } else {
                        form.fields.push(name);
                    }
                }
            }
            _ => {}
        }
    }
    forms
}

/// What the page says first and largest, without its markup.
pub fn heading(page: &str) -> Option<String> {
    let start = Tags(page).find(|tag| tag.name == "h1")?;
    let text = start.rest.split("</h1").next()?;
    let mut plain = String::new();
    for (at, piece) in text.split('<').enumerate() {
        let visible = match piece.split_once('>') {
            Some((_, after)) if at > 0 => after,
            _ => piece,
        };
        plain.push_str(visible);
    }
    let words: Vec<_> = plain.split_whitespace().collect();
    Some(decode(&words.join(" "))).filter(|text| !text.is_empty())
}

struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
    /// The page after the tag.
    rest: &'a str,
}

impl Tag<'_> {
    /// The decoded value of an attribute, wherever it stands in the tag and however it is quoted.
    fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.attributes.trim_start();
        while !rest.is_empty() {
            let end = rest
                .find(|c: char| c == '=' || c.is_whitespace())
                .unwrap_or(rest.len());
            let (found, after) = rest.split_at(end);
            let (value, after) = match after.trim_start().strip_prefix('=') {
                Some(after) => value(after.trim_start()),
                None => ("", after),
            };
            if found.eq_ignore_ascii_case(name) {
                return Some(decode(value));
            }
            rest = after.trim_start();
        }
        None
    }
}

/// An attribute's value at the beginning of the text, and what follows it.
fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    text.split_at(end)
}

/// The tags of a page, in their order.
struct Tags<'a>(&'a str);

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        let (_, tag) = self.0.split_once('<')?;
        let end = end_of_tag(tag)?;
        let (inside, rest) = tag.split_at(end);
        self.0 = rest.strip_prefix('>').unwrap_or(rest);
        let inside = inside.trim_end_matches('/');
        let (name, attributes) = inside
            .split_once(char::is_whitespace)
            .unwrap_or((inside, ""));
        Some(Tag {
            name,
            attributes,
            rest: self.0,
        })
    }
}

/// Where the tag's `>` is; one within quotes is text.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    None
}

/// Replaces character references.
fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        let reference = after
            .split_once(';')
            .and_then(|(name, after)| Some((character(name)?, after)));
        let (c, after) = reference.unwrap_or(('&', after));
        decoded.push(c);
        rest = after;
    }
    decoded.push_str(rest);
    decoded
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "quot" => return Some('"'),
        "apos" => return Some('\''),
        _ => {}
    }
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_whatever_the_order_and_quotes_of_its_attributes() {
        let page = r#"<!doctype html><p title="a > b"><form action='/a?x=1&amp;y=2' method=post>
            <input value="1.a&#43;b" type="hidden" name="csrf"><input name=flow type=HIDDEN value=abc />
            <input id="e" name="email" required value="old"></form>
            <form method="post" action="/b"><button name="decision" value="approve">Yes</button></form>"#;
        let [first, second] = &forms(page)[..] else {
            panic!("two forms")
        };
        assert_eq!(first.action, "/a?x=1&y=2");
        let hidden = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert!(first.hidden.contains(&hidden("csrf", "1.a+b")));
        assert!(first.hidden.contains(&hidden("flow", "abc")));
        assert_eq!(first.fields, ["email"]);
        assert_eq!(
            (second.action.as_str(), &second.fields[..]),
            ("/b", &["decision".to_owned()][..])
        );
    }

    #[test]
    fn the_heading_is_read_without_its_markup() {
        let page = "<title>no</title><h1 class=\"x\">Link <em>CLOVA</em>\n &amp; &#x27;us&#39;</h1><p>rest";
        assert_eq!(heading(page).as_deref(), Some("Link CLOVA & 'us'"));
        assert_eq!(heading("<p>none</p>"), None);
    }

    #[test]
    fn a_broken_page_is_read_without_a_fault() {
        for page in [
            "<",
            "<form",
            "<form action=",
            "<form><input name",
            "a & b &#xffffffff; <h1",
        ] {
            assert!(forms(page).is_empty(), "{page}");
        }
        assert_eq!(
            decode("a & b &none; &#xffffffff;"),
            "a & b &none; &#xffffffff;"
        );
    }
}
