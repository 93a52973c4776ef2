//! What the console pages and commands show, platform by platform.

use std::collections::BTreeMap;

use super::console::*;
use super::{ClientAuthMethod, Preset};
use crate::protocol::ScopeSet;

/// The forms of a preset for one client that has everything stored.
fn sections(preset: &str, client_auth: ClientAuthMethod) -> Vec<ConsoleSection> {
    let scopes = ScopeSet::parse("account:id account:email").unwrap();
    let preset = Preset::find(preset).unwrap();
    let values = preset
        .values
        .iter()
        .map(|value| (value.name.to_owned(), "x1".to_owned()));
    let redirect_uris = preset
        .redirect_uris(&values.collect::<BTreeMap<_, _>>())
        .unwrap();
    preset.console_fields(&ConsoleFacts {
        client_auth,
        redirect_uris: &redirect_uris,
        actions: &["points".to_owned(), "tier".to_owned()],
        ..facts(&scopes)
    })
}

fn facts(scopes: &ScopeSet) -> ConsoleFacts<'_> {
    ConsoleFacts {
        public_url: "https://link.example/",
        client_id: "clova-hangang",
        client_auth: ClientAuthMethod::Basic,
        scopes,
        redirect_uris: &[],
        privacy_url: "https://link.example/privacy",
        account_page_url: "https://link.example/account",
        access_lifetime_seconds: 3600,
        extension_id: Some("com.example.bot"),
        login_guide_message: Some("앱에서 계정을 연결해 주세요."),
        login_success_message: Some("연결됐어요."),
        actions: &[],
    }
}

fn labelled(section: &ConsoleSection) -> Vec<(&str, &str)> {
    section
        .fields
        .iter()
        .map(|field| (field.label.as_str(), field.value.as_str()))
        .collect()
}

#[test]
fn clovas_account_linking_form_is_complete_and_in_its_order() {
    let sections = sections("clova", ClientAuthMethod::Basic);
    let form = sections
        .iter()
        .find(|form| form.title.ends_with("서버 연동 설정"))
        .unwrap();
    assert_eq!(
        labelled(form),
        [
            ("Extension 서버 URL", ""),
            ("계정 연결 여부", "네"),
            ("로그인 URL", "https://link.example/oauth/authorize"),
            ("계정 설정 페이지 URL", "https://link.example/account"),
            ("클라이언트 ID", "clova-hangang"),
            ("개인 정보 정책 제공 URL", "https://link.example/privacy"),
            ("도메인 리스트", ""),
            ("권한 범위", "account:id account:email"),
            ("Redirect URL", "https://prod-ni-cic.clova.ai/v1/al/token/"),
            (
                "Redirect URL",
                "https://prod-ni-cic.clova.ai/v1/al/token/?vendorId=x1"
            ),
            ("Access token URI", "https://link.example/oauth/token"),
            (
                "Access token 재발급 URI",
                "https://link.example/oauth/token"
            ),
            ("클라이언트 secret", SHOWN_ONCE),
            ("클라이언트 인증 정보 전송 방식", "HTTP Basic (Recommended)"),
            ("SSL 인증", ""),
        ]
    );
}

#[test]
fn the_chatbot_builders_fields_are_filled_for_every_action() {
    let sections = sections("clova", ClientAuthMethod::Basic);
    let fields: Vec<_> = sections.iter().flat_map(labelled).collect();
    for field in [
        ("Secret Key", ""),
        ("Extension ID", "com.example.bot"),
        ("챗봇 Secret", ""),
        ("로그인 안내 메시지", "앱에서 계정을 연결해 주세요."),
        ("로그인 성공 메시지", "연결됐어요."),
        (
            "URL ${points}",
            "https://link.example/action/clova-hangang/points",
        ),
        (
            "URL ${tier}",
            "https://link.example/action/clova-hangang/tier",
        ),
        ("CLOVA OAuth access token", "✓"),
    ] {
        assert!(
            fields.contains(&field),
            "{field:?} is missing in {fields:?}"
        );
    }
}

#[test]
fn every_platform_gets_its_addresses_its_client_and_its_redirect_uris() {
    for preset in Preset::all() {
        let sections = sections(preset.id, ClientAuthMethod::Basic);
        let fields: Vec<_> = sections
            .iter()
            .flat_map(|section| &section.fields)
            .collect();
        for value in [
            "https://link.example/oauth/authorize",
            "https://link.example/oauth/token",
            "clova-hangang",
        ] {
            let field = fields.iter().find(|field| field.value == value);
            assert!(
                field.is_some_and(|field| field.purpose == Purpose::Paste),
                "{}: {value}",
                preset.id
            );
        }
        assert_eq!(
            fields.iter().filter(|field| field.secret()).count(),
            1,
            "{}",
            preset.id
        );
        assert_eq!(
            fields.iter().any(|field| field.purpose == Purpose::Compare),
            !preset.needs_redirect_uri(),
            "{}",
            preset.id
        );
        for field in fields {
            assert!(
                !field.label.is_empty() && field.label_en.is_ascii(),
                "{field:?}"
            );
            assert!(field.note.is_ascii(), "notes are English: {}", field.note);
        }
    }
}

#[test]
fn scopes_are_joined_as_the_platform_wants_them() {
    for (preset, scopes) in [
        ("yandex-alice", "account:id&account:email"),
        ("smartthings", "account:id account:email"),
    ] {
        let sections = sections(preset, ClientAuthMethod::Basic);
        assert!(
            sections
                .iter()
                .flat_map(labelled)
                .any(|(_, value)| value == scopes),
            "{preset}"
        );
    }
}

#[test]
fn the_authentication_scheme_follows_the_client() {
    let sections = sections("alexa", ClientAuthMethod::Body);
    let chosen = ("Your Authentication Scheme", "Credentials in request body");
    assert!(
        sections
            .iter()
            .flat_map(labelled)
            .any(|field| field == chosen)
    );
}

#[test]
fn what_is_not_stored_yet_is_the_admins_to_fill() {
    let scopes = ScopeSet::default();
    let clova = Preset::find("clova").unwrap();
    let bare = ConsoleFacts {
        extension_id: None,
        login_guide_message: None,
        login_success_message: None,
        ..facts(&scopes)
    };
    let sections = clova.console_fields(&bare);
    let purpose = |label: &str| {
        let mut fields = sections.iter().flat_map(|section| &section.fields);
        fields.find(|field| field.label == label).unwrap().purpose
    };
    assert_eq!(purpose("Extension ID"), Purpose::Yours);
    assert_eq!(purpose("로그인 안내 메시지"), Purpose::Yours);
    assert_eq!(purpose("권한 범위"), Purpose::LeaveEmpty);
    assert_eq!(purpose("도메인 리스트"), Purpose::LeaveEmpty);
    assert_eq!(purpose("URL"), Purpose::Yours);
}
