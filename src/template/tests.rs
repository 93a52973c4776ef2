use serde_json::json;

use super::*;
use crate::foundation::ids::AccountId;

fn attributes() -> Map<String, Json> {
    let attributes = json!({
        "points": 1200, "ratio": 0.5, "member": true, "tier": "골드", "nothing": null,
        "address": {"city": "성남", "lines": ["분당구", "정자일로"]},
        "large": "x".repeat(16 * 1024),
    });
    attributes.as_object().cloned().unwrap()
}

fn rendered(template: &str) -> Result<String, TooLarge> {
    let attributes = attributes();
    Template::parse(template).unwrap().render(&Values {
        account: Subject {
            id: AccountId(uuid::Uuid::nil()),
            external_id: None,
            email: "mina@example.com",
            name: "김미나",
            locale: "ko",
            attributes: &attributes,
        },
        entity: &|name| (name == "`@CITY").then(|| "서울".to_owned()),
        arguments: &["first".to_owned()],
    })
}

#[test]
fn a_value_is_rendered_as_it_is_spoken() {
    for (template, text) in [
        ("{{name}}님, {{attributes.points}}점", "김미나님, 1200점"),
        ("{{ name }}", "김미나"),
        ("{{id}}", "00000000-0000-0000-0000-000000000000"),
        ("{{email}} {{locale}}", "mina@example.com ko"),
        ("{{attributes.ratio}} {{attributes.member}}", "0.5 true"),
        ("{{attributes.tier}}", "골드"),
        (
            "{{attributes.address.city}} {{attributes.address.lines.1}}",
            "성남 정자일로",
        ),
        ("{{attributes.address.lines}}", r#"["분당구","정자일로"]"#),
        ("{{entity.`@CITY}}", "서울"),
        ("{{args.0}}{{args.1}}", "first"),
        ("plain { text } and }}", "plain { text } and }}"),
        ("{{name}}{{name}}", "김미나김미나"),
    ] {
        assert_eq!(rendered(template).as_deref(), Ok(text), "{template}");
    }
}

#[test]
fn what_is_missing_is_empty() {
    for template in [
        "{{external_id}}",
        "{{attributes.nothing}}",
        "{{attributes.unknown}}",
        "{{attributes.points.deeper}}",
        "{{attributes.address.lines.9}}",
        "{{attributes.address.lines.x}}",
        "{{entity.unknown}}",
        "{{args.7}}",
    ] {
        assert_eq!(rendered(template).as_deref(), Ok(""), "{template}");
    }
}

#[test]
fn an_unknown_name_is_refused_with_its_place() {
    for (template, name, position) in [
        ("{{nmae}}", "nmae", 1),
        ("점수 {{name}} {{points}}", "points", 13),
        ("{{}}", "", 1),
        ("{{Name}}", "Name", 1),
        ("{{attributes}}", "attributes", 1),
        ("{{attributes.}}", "attributes.", 1),
        ("{{attributes.a..b}}", "attributes.a..b", 1),
        ("{{entity.}}", "entity.", 1),
        ("{{args.x}}", "args.x", 1),
        ("{{args.}}", "args.", 1),
        ("{{args.-1}}", "args.-1", 1),
        ("{{{name}}}", "{name", 1),
        ("{{password_hash}}", "password_hash", 1),
    ] {
        let name = name.to_owned();
        assert_eq!(
            Template::parse(template),
            Err(InvalidTemplate::UnknownName { name, position }),
            "{template}"
        );
    }
    let refusal = Template::parse("a {{nmae}}").unwrap_err().to_string();
    assert!(
        refusal.starts_with("{{nmae}} at character 3 is not a value; use id,"),
        "{refusal}"
    );
}

#[test]
fn a_template_that_can_not_be_kept_is_refused() {
    let long = "점".repeat(MAX_TEMPLATE_LENGTH + 1);
    for (template, reason) in [
        ("", InvalidTemplate::Empty),
        (&long, InvalidTemplate::TooLong),
        ("a\0", InvalidTemplate::Nul),
        ("점 {{name", InvalidTemplate::Unclosed { position: 3 }),
        ("{{name}} {{", InvalidTemplate::Unclosed { position: 10 }),
    ] {
        assert_eq!(Template::parse(template), Err(reason), "{template}");
    }
    assert!(Template::parse(&"점".repeat(MAX_TEMPLATE_LENGTH)).is_ok());
}

#[test]
fn a_template_needs_the_scopes_of_its_values() {
    for (template, scopes) in [
        ("{{id}} {{external_id}} {{entity.x}} {{args.0}}", &[][..]),
        ("{{name}} {{locale}}", &["account:profile"]),
        (
            "{{attributes.a}} {{email}} {{attributes.b}}",
            &["account:attributes", "account:email"],
        ),
    ] {
        let needed = Template::parse(template).unwrap().needed_scopes();
        assert!(needed.iter().eq(scopes), "{template}: {needed:?}");
    }
}

#[test]
fn an_answer_is_bounded() {
    assert!(rendered(&"{{attributes.large}}".repeat(4)).is_ok());
    assert_eq!(rendered(&"{{attributes.large}}".repeat(5)), Err(TooLarge));
}
