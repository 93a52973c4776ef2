//! The chatbot builder's authentication service, which gates a chatbot's answers by a login here.

use super::console::{Field, Section, Value};

pub(super) const BUILDER_AUTHENTICATION: Section = Section {
    title: "챗봇 빌더 > 챗봇 설정 > 서비스 연동 > 인증 서비스",
    title_en: "Chatbot builder > Chatbot settings > Service integration > Authentication service",
    fields: &[Field::local(
        "URL",
        "URL",
        Value::ChatbotUrl,
        "Optional, for chats outside CLOVA: people log in here once, and the chatbot then knows them. \
         Store the domain code with this client first.",
    )],
};
