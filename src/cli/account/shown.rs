//! Accounts as the commands print them.

use serde_json::{Value, json};

use crate::{account::Account, cli::output};

/// What making an account answers.
pub fn made(account: &Account) -> Value {
    json!({
        "account_id": account.id,
        "external_id": account.external_id,
        "email": account.email,
        "name": account.name,
        "attributes": account.attributes,
    })
}

/// The same and the rest.
pub fn everything(account: &Account) -> Value {
    let mut answer = made(account);
    if let Value::Object(answer) = &mut answer {
        answer.insert("locale".to_owned(), json!(account.locale));
        answer.insert("disabled".to_owned(), json!(account.disabled_at.is_some()));
        answer.insert("delete_at".to_owned(), json!(account.delete_at));
        answer.insert("created_at".to_owned(), json!(account.created_at));
    }
    answer
}

/// Everything, for people.
pub fn text(account: &Account) -> String {
    let disabled = account.disabled_at.map_or_else(
        || "enabled".to_owned(),
        |at| format!("disabled since {}", output::time(at)),
    );
    output::facts(&[
        ("account id", account.id.to_string()),
        (
            "external id",
            account
                .external_id
                .clone()
                .unwrap_or_else(|| "-".to_owned()),
        ),
        ("e-mail", account.email.clone()),
        ("name", account.name.clone()),
        ("locale", account.locale.clone()),
        (
            "attributes",
            Value::Object(account.attributes.clone()).to_string(),
        ),
        ("state", disabled),
        (
            "deletion",
            account
                .delete_at
                .map_or_else(|| "-".to_owned(), output::time),
        ),
        ("made", output::time(account.created_at)),
    ])
}
