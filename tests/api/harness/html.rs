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

/// Every form with what its inputs hold. Buttons are left out: which one is pressed is the person's choice.
pub fn forms(page: &str) -> Vec<Form> {
    let cut = page.split("<form").skip(1);
    cut.map(|rest| {
        let form = rest.split("</form>").next().unwrap();
        let inputs = form.split("<input").skip(1).map(opening_tag);
        let named = inputs.filter_map(|tag| {
            let name = attribute(tag, "name")?;
            Some((name, attribute(tag, "value").unwrap_or_default()))
        });
        Form {
            action: attribute(opening_tag(form), "action").unwrap_or_default(),
            fields: named.collect(),
        }
    })
    .collect()
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
