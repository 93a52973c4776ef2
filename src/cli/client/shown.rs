//! Clients as the commands print them.

use serde_json::{Value, json};
use sqlx::PgConnection;

use super::brand_flags;
use crate::{
    chatbot::store::list_actions,
    cli::{context::Context, output},
    client::{Client, guide::Guide, preset::ConsoleValue, secret::store::SecretRecord},
    web::branding::{client::ClientBranding, store::find_branding},
};

/// The console's fields that have a value; the secret's only while it is known.
pub async fn console(
    db: &mut PgConnection,
    context: &Context,
    client: &Client,
    secret: Option<&str>,
) -> anyhow::Result<Vec<ConsoleValue>> {
    let branding = find_branding(&mut *db).await?;
    let actions = list_actions(db, &client.id).await?;
    let actions: Vec<_> = actions.into_iter().map(|action| action.name).collect();
    let guide = Guide {
        client,
        public_url: &context.public_url()?,
        has_privacy_page: branding.privacy_link().is_some(),
        actions: &actions,
    };
    Ok(guide.values(secret))
}

/// The fields, a line each.
pub fn console_text(console: &[ConsoleValue]) -> String {
    let lines = console
        .iter()
        .map(|field| format!("  {}\n    {}\n", field.label, field.value));
    format!(
        "What belongs into the platform's console:\n\n{}",
        lines.collect::<String>()
    )
}

/// What is stored about a client.
pub fn settings(client: &Client) -> Value {
    let settings = &client.settings;
    json!({
        "client_id": client.id,
        "name": client.name,
        "preset": client.preset,
        "preset_values": client.preset_values,
        "public": !client.confidential,
        "authentication": client.authentication(),
        "disabled": !client.is_enabled(),
        "redirect_uris": client.redirect_uris,
        "scopes": client.scopes,
        "rotation": settings.rotation,
        "token_format": settings.token_format,
        "token_algorithm": settings.token_algorithm,
        "token_audience": settings.token_audience,
        "send_iss": settings.send_iss,
        "introspect_all": settings.introspect_all,
        "code_lifetime_seconds": settings.code_lifetime.num_seconds(),
        "access_lifetime_seconds": settings.access_lifetime.num_seconds(),
        "refresh_idle_seconds": settings.refresh_idle.num_seconds(),
        "token_places": settings.token_places,
        "refusal_answer": settings.refusal_answer,
        "relink_sentence": settings.relink_sentence,
        "busy_sentence": settings.busy_sentence,
        "login_guide_message": settings.login_guide_message,
        "login_success_message": settings.login_success_message,
        "extension_id": settings.extension_id,
        "cek_public_key": settings.cek.public_key,
        "cek_fetch_key": settings.cek.fetch_key,
        "cek_unsigned": settings.cek.take_unsigned,
        "cek_answer": settings.cek.answer,
        "cek_language": settings.cek.language,
        "cek_speech": settings.cek.speech,
        "chatbot_domain_code": settings.chatbot.domain_code,
        "chatbot_invoke_url": settings.chatbot.invoke_url,
        "chatbot_secret_stored": settings.chatbot.secret.is_some(),
        "privacy_url": settings.privacy_url,
        "jwks": settings.jwks.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok()),
        "created_at": client.created_at,
        "updated_at": client.updated_at,
    })
}

/// The same with how its pages look.
pub fn with_look(client: &Client, branding: &ClientBranding) -> Value {
    let mut answer = settings(client);
    if let Value::Object(answer) = &mut answer {
        let look = brand_flags::shown(branding).into_iter();
        answer.extend(look.map(|(name, value)| (name.to_owned(), value.into())));
    }
    answer
}

/// The same with its secrets' dates and the console's fields.
pub fn everything(
    (client, branding): (&Client, &ClientBranding),
    secrets: &[SecretRecord],
    console: &[ConsoleValue],
) -> Value {
    let secrets: Vec<_> = secrets
        .iter()
        .map(|secret| {
            json!({
                "created_at": secret.created_at,
                "expires_at": secret.expires_at,
                "last_used_at": secret.last_used_at,
            })
        })
        .collect();
    let mut answer = with_look(client, branding);
    if let Value::Object(answer) = &mut answer {
        answer.insert("secrets".to_owned(), secrets.into());
        answer.insert("console_fields".to_owned(), json!(console));
    }
    answer
}

/// Everything, for people: each setting by its name.
pub fn text(
    (client, branding): (&Client, &ClientBranding),
    secrets: &[SecretRecord],
    console: &[ConsoleValue],
) -> String {
    let mut lines = Vec::new();
    if let Value::Object(settings) = with_look(client, branding) {
        for (name, value) in settings {
            let value = match value {
                Value::Null => "-".to_owned(),
                Value::String(text) if text.is_empty() => "-".to_owned(),
                Value::String(text) => text,
                other => other.to_string(),
            };
            lines.push((name, value));
        }
    }
    for secret in secrets {
        let until = match secret.expires_at {
            Some(at) => format!(", works until {}", output::time(at)),
            None => String::new(),
        };
        let used = match secret.last_used_at {
            Some(at) => format!("last used {}", output::time(at)),
            None => "not used yet".to_owned(),
        };
        let made = format!("made {}, {used}{until}", output::time(secret.created_at));
        lines.push(("secret".to_owned(), made));
    }
    let facts: Vec<_> = lines
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    format!("{}\n\n{}", output::facts(&facts), console_text(console))
}
