//! Just enough HTML to fill in our own forms.

/// A form of a page, ready to be posted.
#[derive(Debug, Clone)]
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Form {
    /// With that value in that field.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With that value too, as of one more ticked box.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without that field.
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    /// What is in a field.
    pub fn value(&self, name: &str) -> &str {
        let field = self.fields.iter().find(|(known, _)| known == name);
        &field
            .unwrap_or_else(|| panic!("no field {name}: {self:?}"))
            .1
    }
}

/// Every form with what it would post as it stands. Buttons are left out: which one is pressed is the
/// person's choice.
pub fn forms(page: &str) -> Vec<Form> {
    let cut = page.split("<form").skip(1);
    cut.map(|rest| {
        let form = rest.split("</form>").next().unwrap();
        let inputs = form.split("<input").skip(1).map(opening_tag);
        let fields = inputs.filter_map(input);
        let fields = fields.chain(elements(form, "textarea").filter_map(|(tag, inside)| {
            // A browser drops the line break that follows the tag.
            let text = inside.strip_prefix('\n').unwrap_or(inside);
            Some((attribute(tag, "name")?, unescape(text)))
        }));
        let fields = fields.chain(elements(form, "select").filter_map(|(tag, inside)| {
            let options = || inside.split("<option").skip(1).map(opening_tag);
            let selected = options().find(|option| option.ends_with(" selected"));
            let option = selected.or_else(|| options().next())?;
            Some((attribute(tag, "name")?, attribute(option, "value")?))
        }));
        Form {
            action: attribute(opening_tag(form), "action").unwrap_or_default(),
            fields: fields.collect(),
        }
    })
    .collect()
}

/// What an input posts; boxes that are not ticked and disabled ones post nothing.
fn input(tag: &str) -> Option<(String, String)> {
    let name = attribute(tag, "name")?;
    let has = |word: &str| tag.split(' ').any(|part| part == word);
    let kind = attribute(tag, "type").unwrap_or_default();
    let box_ = matches!(kind.as_str(), "checkbox" | "radio");
    if has("disabled") || (box_ && !has("checked")) {
        return None;
    }
    let nothing = if box_ { "on" } else { "" };
    let value = attribute(tag, "value").unwrap_or_else(|| nothing.to_owned());
    Some((name, value))
}

/// The elements of that name: the opening tag's inside, and what is between the tags.
fn elements<'a>(html: &'a str, name: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let cut: Vec<_> = html.split(open.as_str()).skip(1).collect();
    cut.into_iter().map(move |rest| {
        let (tag, rest) = rest.split_once('>').unwrap();
        (tag, rest.split(close.as_str()).next().unwrap())
    })
}

/// The text between the tags, white space collapsed.
pub fn text(page: &str) -> String {
    let body = page.split_once("<body").map_or(page, |(_, body)| body);
    let parts = body
        .split('<')
        .map(|part| part.split_once('>').map_or("", |(_, text)| text));
    let text = unescape(&parts.collect::<Vec<_>>().join(" "));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn opening_tag(text: &str) -> &str {
    text.split('>').next().unwrap()
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescape(rest.split('"').next().unwrap()))
}

fn unescape(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (character, after) = match after.split_once(';') {
            Some((name, after)) if name.len() < 8 => (entity(name), after),
            _ => (None, after),
        };
        plain.push(character.unwrap_or('&'));
        rest = after;
    }
    plain + rest
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        _ => char::from_u32(name.strip_prefix('#')?.parse().ok()?),
    }
}
