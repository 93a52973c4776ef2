//! CLOVA of NAVER (Korea) with its chatbot builder, and CLOVA of LINE (Japan).
//!
//! Labels and order are those of the developer consoles' guides (naver/clova-custom-extension-
//! developer-guide, line/clova-developer-guide) and of NAVER Cloud's chatbot guide.

use std::time::Duration;

use super::clova_authentication::BUILDER_AUTHENTICATION;
use super::console::{Field, Section, Value};
use super::{COMMON, Pkce, Preset, PresetValue};
use crate::client::cek::SpokenLanguage;

/// The person has five minutes: then the platform forgets its `state`.
const STATE_LIFETIME: Option<Duration> = Some(Duration::from_mins(5));

pub(super) const CLOVA: Preset = Preset {
    id: "clova",
    name: "NAVER CLOVA",
    platform: "CLOVA",
    summary: "CLOVA Extensions and chatbots of NAVER Cloud's CLOVA Chatbot, in Korea.",
    mark: 'C',
    redirect_templates: &[
        "https://prod-ni-cic.clova.ai/v1/al/token/",
        "https://prod-ni-cic.clova.ai/v1/al/token/?vendorId={vendor_id}",
    ],
    values: &[PresetValue {
        name: "vendor_id",
        label: "Vendor ID",
        explanation: "only for extensions of 2018: what the console's Redirect URL has after \
                      ?vendorId=",
        required: false,
    }],
    state_lifetime: STATE_LIFETIME,
    pkce: Pkce::NotSent,
    console_language: "ko",
    cek_key_url: Some("https://clova.ai/.well-known/signature-public-key.pem"),
    spoken_language: SpokenLanguage::Ko,
    console: &[
        BUILDER_LINK,
        BASIC_INFORMATION,
        SERVER_SETTINGS,
        BUILDER_MESSAGES,
        BUILDER_ACTION_METHODS,
        BUILDER_CEK_REQUEST,
        BUILDER_AUTHENTICATION,
        REVIEW,
    ],
    ..COMMON
};

const BUILDER_LINK: Section = Section {
    title: "챗봇 빌더 > 챗봇 설정 > 메신저 연동 > CLOVA Extension (Step 1)",
    title_en: "Chatbot builder > Chatbot settings > Link messenger > CLOVA Extension (Step 1)",
    fields: &[Field::local(
        "Secret Key",
        "Secret key",
        Value::Yours,
        "Create it there and copy it: it goes into the chatbot secret below. It is not the client \
         secret. Step 3 of the same window opens the CLOVA developer console.",
    )],
};

const BASIC_INFORMATION: Section = Section {
    title: "CLOVA developer console > 기본 정보",
    title_en: "CLOVA developer console > Basic information",
    fields: &[
        Field::local(
            "타입",
            "Type",
            Value::Yours,
            "Already chosen when the form is opened from the chatbot builder.",
        ),
        Field::local("사용 언어", "Language", Value::Choice("한국어"), ""),
        Field::local(
            "Extension ID",
            "Extension ID",
            Value::ExtensionId,
            "The code of the chatbot domain in reverse-domain notation, such as com.chatbot.guide. \
             Store it with this client too.",
        ),
        Field::local(
            "챗봇 Secret",
            "Chatbot secret",
            Value::Yours,
            "The Secret key of Step 1 in the chatbot builder.",
        ),
        Field::local("Extension 이름", "Extension name", Value::Yours, ""),
        Field::local(
            "호출 이름",
            "Invocation name",
            Value::Yours,
            "One to three names.",
        ),
        Field::local("제작사", "Provider", Value::Yours, ""),
        Field::local("서비스 담당자 정보", "Contact e-mail", Value::Yours, ""),
        Field::local(
            "테스터 ID",
            "Tester IDs",
            Value::Yours,
            "Until it is published, only these NAVER accounts see the extension.",
        ),
    ],
};

const SERVER_SETTINGS: Section = Section {
    title: "CLOVA developer console > 서버 연동 설정",
    title_en: "CLOVA developer console > Server settings",
    fields: &[
        Field::local(
            "Extension 서버 URL",
            "Extension server URL",
            Value::Yours,
            "Only custom extensions have it: your own server. A chatbot has none.",
        ),
        Field::local(
            "계정 연결 여부",
            "Account linking",
            Value::Choice("네"),
            "Yes.",
        ),
        Field::local(
            "로그인 URL",
            "Login URL",
            Value::AuthorizeUrl,
            "CLOVA demands HTTPS on port 443 and a certificate of a public authority.",
        ),
        Field::local(
            "계정 설정 페이지 URL",
            "Account settings page URL",
            Value::AccountPageUrl,
            "Optional: where people see and end their links.",
        ),
        Field::local("클라이언트 ID", "Client ID", Value::ClientId, ""),
        Field::local(
            "개인 정보 정책 제공 URL",
            "Privacy policy URL",
            Value::PrivacyUrl,
            "Shown in the skill store and the app.",
        ),
        Field::local(
            "도메인 리스트",
            "Domain list",
            Value::Nothing,
            "Leave it empty: these pages load nothing from elsewhere. Add a domain only if your \
             own privacy policy page does.",
        ),
        Field::local(
            "권한 범위",
            "Scope",
            Value::Scopes,
            "Optional. Add them one by one.",
        ),
        Field::local(
            "Redirect URL",
            "Redirect URL",
            Value::RedirectUris,
            "The console shows it. It must be the same to the last character, the slash included.",
        ),
        Field::local("Access token URI", "Access token URI", Value::TokenUrl, ""),
        Field::local(
            "Access token 재발급 URI",
            "Access token reissue URI",
            Value::TokenUrl,
            "The same address as the access token URI.",
        ),
        Field::local(
            "클라이언트 secret",
            "Client secret",
            Value::ClientSecret,
            "",
        ),
        Field::local(
            "클라이언트 인증 정보 전송 방식",
            "Client authentication scheme",
            Value::ClientAuth {
                basic: "HTTP Basic (Recommended)",
                body: "Credentials in request body",
            },
            "",
        ),
        Field::local(
            "SSL 인증",
            "SSL certificate",
            Value::Yours,
            "A certificate of a public authority; self-signed ones are refused.",
        ),
    ],
};

const BUILDER_MESSAGES: Section = Section {
    title: "챗봇 빌더 > CLOVA Extension 연동 (Step 4)",
    title_en: "Chatbot builder > CLOVA Extension link (Step 4)",
    fields: &[
        Field::local(
            "로그인 안내 메시지",
            "Login guide message",
            Value::LoginGuideMessage,
            "What the chatbot says to someone who is not linked yet. Store it with this client.",
        ),
        Field::local(
            "로그인 성공 메시지",
            "Login success message",
            Value::LoginSuccessMessage,
            "What the chatbot says once they are linked. Store it with this client.",
        ),
    ],
};

const BUILDER_ACTION_METHODS: Section = Section {
    title: "챗봇 빌더 > 액션 메소드",
    title_en: "Chatbot builder > Action methods",
    fields: &[
        Field::local(
            "종류",
            "Type",
            Value::Choice("액션 메소드V1.0"),
            "Only version 1.0 gets the CLOVA OAuth access token, and one may run in a turn.",
        ),
        Field::local(
            "호출 방식",
            "HTTP method",
            Value::Choice("POST"),
            "GET works too, but puts what it sends into URLs and so into logs.",
        ),
        Field::local(
            "URL",
            "URL",
            Value::ActionUrls,
            "One action method for each action of this client, under the same name.",
        ),
        Field::local(
            "CLOVA OAuth access token",
            "CLOVA OAuth access token",
            Value::Choice("✓"),
            "Tick it: the call then says whose account is meant.",
        ),
    ],
};

const BUILDER_CEK_REQUEST: Section = Section {
    title: "챗봇 빌더 > 액션 메소드 > CEK Request 전송",
    title_en: "Chatbot builder > Action methods > Send CEK Request",
    fields: &[Field::local(
        "URL",
        "URL",
        Value::CekUrl,
        "Optional: receives the whole request of CEK, and answers as this client's settings say.",
    )],
};

const REVIEW: Section = Section {
    title: "CLOVA developer console > 심사신청",
    title_en: "CLOVA developer console > Request review",
    fields: &[Field::local(
        "Extension 심사용 설명",
        "Notes for the review",
        Value::Yours,
        "Give the e-mail address and password of a test account.",
    )],
};

pub(super) const CLOVA_LINE: Preset = Preset {
    id: "clova-line",
    name: "LINE CLOVA",
    platform: "LINE CLOVA",
    summary: "CLOVA skills registered at LINE's developer center, in Japan.",
    mark: 'L',
    redirect_templates: &["https://clova-cic.line-apps.com/v1/al/token/"],
    state_lifetime: STATE_LIFETIME,
    pkce: Pkce::NotSent,
    console_language: "ja",
    cek_key_url: Some("https://clova-cek-requests.line.me/.well-known/signature-public-key.pem"),
    spoken_language: SpokenLanguage::Ja,
    console: &[
        LINE_BASIC_INFORMATION,
        LINE_SERVER,
        LINE_ACCOUNT_LINKING,
        LINE_REVIEW,
    ],
    ..COMMON
};

const LINE_BASIC_INFORMATION: Section = Section {
    title: "Clova Developer Center > 基本情報",
    title_en: "Clova Developer Center > Basic information",
    fields: &[Field::local(
        "Extension ID",
        "Extension ID",
        Value::ExtensionId,
        "In reverse-domain notation. Store it with this client too.",
    )],
};

const LINE_SERVER: Section = Section {
    title: "開発設定 > サーバー設定",
    title_en: "Development settings > Server settings",
    fields: &[Field::local(
        "ExtensionサーバーのURL",
        "Extension server URL",
        Value::Yours,
        "Your own skill's server, HTTPS on port 443.",
    )],
};

const LINE_ACCOUNT_LINKING: Section = Section {
    title: "開発設定 > アカウント連携",
    title_en: "Development settings > Account linking",
    fields: &[
        Field::local(
            "アカウント連携の有無",
            "Account linking",
            Value::Choice("はい"),
            "Yes.",
        ),
        Field::local("ログインURL", "Login URL", Value::AuthorizeUrl, ""),
        Field::local(
            "アカウント設定ページのURL(任意)",
            "Account settings page URL (optional)",
            Value::AccountPageUrl,
            "Where people see and end their links.",
        ),
        Field::local(
            "プライバシーポリシーのURL",
            "Privacy policy URL",
            Value::PrivacyUrl,
            "",
        ),
        Field::local(
            "ドメインリスト(任意)",
            "Domain list (optional)",
            Value::Nothing,
            "Leave it empty: these pages load nothing from elsewhere.",
        ),
        Field::local(
            "権限の範囲(任意)",
            "Scope (optional)",
            Value::Scopes,
            "Add them one by one.",
        ),
        Field::local(
            "リダイレクトURL",
            "Redirect URL",
            Value::RedirectUris,
            "The console shows it. It must be the same to the last character, the slash included.",
        ),
        Field::local(
            "許可付与タイプ(任意)",
            "Authorization grant type (optional)",
            Value::Choice("許可コード承認"),
            "Authorization code.",
        ),
        Field::local(
            "アクセストークンURI",
            "Access token URI",
            Value::TokenUrl,
            "",
        ),
        Field::local(
            "アクセストークン再発行URI(任意)",
            "Access token reissue URI (optional)",
            Value::TokenUrl,
            "The same address as the access token URI.",
        ),
        Field::local("クライアントID", "Client ID", Value::ClientId, ""),
        Field::local(
            "クライアントシークレット",
            "Client secret",
            Value::ClientSecret,
            "",
        ),
        Field::local(
            "クライアントの資格情報の転送方式(任意)",
            "Client authentication scheme (optional)",
            Value::ClientAuth {
                basic: "HTTP Basic(Recommended)",
                body: "Credentials in request body",
            },
            "",
        ),
    ],
};

const LINE_REVIEW: Section = Section {
    title: "審査情報",
    title_en: "Review",
    fields: &[Field::local(
        "審査担当者へのコメント",
        "Comment for the reviewer",
        Value::Yours,
        "Give the e-mail address and password of a test account.",
    )],
};
