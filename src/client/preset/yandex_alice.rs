//! Yandex Alice (smart home skills).

use super::console::{Field, Section, Value};
use super::{COMMON, Pkce, Preset};

pub(super) const YANDEX_ALICE: Preset = Preset {
    id: "yandex-alice",
    name: "Yandex Alice",
    platform: "Alice",
    summary: "Skills and smart home devices of Yandex Alice.",
    mark: 'Y',
    redirect_templates: &["https://social.yandex.net/broker/redirect"],
    pkce: Pkce::NotSent,
    scope_separator: '&',
    console: &[ACCOUNT_LINKING],
    ..COMMON
};

const ACCOUNT_LINKING: Section = Section {
    title: "Яндекс Диалоги > Связка аккаунтов",
    title_en: "Yandex Dialogs > Account linking",
    fields: &[
        Field::local(
            "Идентификатор приложения",
            "Application ID",
            Value::ClientId,
            "",
        ),
        Field::local(
            "Секрет приложения",
            "Application secret",
            Value::ClientSecret,
            "",
        ),
        Field::local(
            "URL авторизации",
            "Authorization URL",
            Value::AuthorizeUrl,
            "",
        ),
        Field::local(
            "URL для получения токена",
            "Get token URL",
            Value::TokenUrl,
            "",
        ),
        Field::local(
            "URL для обновления токена",
            "Refresh token URL",
            Value::TokenUrl,
            "The same address as the get token URL.",
        ),
        Field::local(
            "Идентификатор группы действий",
            "Activity group ID",
            Value::Scopes,
            "Optional: the scopes, joined by &.",
        ),
        Field::local(
            "Redirect URI",
            "Redirect URI",
            Value::RedirectUris,
            "Not a field: Yandex always uses this one.",
        ),
    ],
};
