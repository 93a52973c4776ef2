//! `linkgate serve --demo`: something to try at once.

use std::{
    collections::BTreeMap,
    path::{self, Path},
};

use anyhow::Context as _;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{output, password};
use crate::{
    account::{
        self, Account,
        password::{Cost, Hasher},
    },
    admin::{self, Admin, AdminRole},
    app::Running,
    chatbot::{action::NewAction, store::save_action},
    client::{
        self, Client,
        preset::Preset,
        registration::{self, Draft, Rules},
        secret::{self, ClientSecret},
    },
    config::{self, Config},
    foundation::ids::{AccountId, AdminId},
    web::state::AppState,
};

const ADMIN_EMAIL: &str = "owner@example.com";
const ACCOUNT_EMAIL: &str = "haneul@example.com";
const ACCOUNT_NAME: &str = "김하늘";
const CLIENT_NAME: &str = "CLOVA";
const PRESET: &str = "clova";
const EXTENSION: &str = "com.example.demo";
const DOMAIN_CODE: &str = "demo";
const ACTIONS: [(&str, &str); 2] = [
    ("points", "{{name}}님, {{attributes.points}}점"),
    ("tier", "{{attributes.tier}}"),
];
const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// Makes the demo where there is no admin yet, and says what to try.
pub async fn prepare(
    config: &Config,
    running: &Running,
    file: Option<&Path>,
) -> anyhow::Result<String> {
    let state = running.state();
    let made = if admin::store::has_admin(&state.db).await? {
        None
    } else {
        Some(make(state).await?)
    };
    let client = match &made {
        Some(made) => Some(made.client.id.to_string()),
        None => find_client(state).await?,
    };
    let heading = made.as_ref().map(credentials).unwrap_or_default();
    let Some(client) = client else {
        return Ok(heading);
    };
    let url = running.public_url.issuer();
    let password = made
        .as_ref()
        .map_or("PASSWORD", |made| made.person_password.expose_secret());
    let simulate = simulate(config, file, url, &client, password)?;
    Ok(format!(
        "{heading}\
         What to open next: the admin console at {url}/admin\n\
         What to try next, in another terminal: CLOVA's part, from login to a resolved action\n\n  \
         {simulate}\n\n"
    ))
}

struct Made {
    client: Client,
    secret: ClientSecret,
    admin_password: SecretString,
    person_password: SecretString,
}

async fn make(state: &AppState) -> anyhow::Result<Made> {
    let (random, now) = (&*state.random, state.clock.now());
    let hasher = Hasher::new(Cost::default(), 1, state.random.clone())?;
    let admin_password = password::random(random);
    let person_password = password::random(random);
    let admin_hash = hasher.hash(admin_password.clone()).await?;
    let person_hash = hasher.hash(person_password.clone()).await?;
    let owner = Admin {
        id: AdminId::random(random),
        email: ADMIN_EMAIL.to_owned(),
        role: AdminRole::Owner,
        disabled_at: None,
        created_at: now,
    };
    let client = demo_client(state)?;

    let mut transaction = state.db.begin().await?;
    admin::store::insert_admin(&mut *transaction, &owner, &admin_hash).await?;
    let secret = secret::create(&mut transaction, &client, random, now).await?;
    let secret = secret.context("the CLOVA preset makes public clients")?;
    for (name, template) in ACTIONS {
        let action = NewAction {
            name: name.to_owned(),
            template: template.to_owned(),
            json_string: false,
            user_variable: None,
        };
        save_action(&mut *transaction, &client.id, &action.check()?, now).await?;
    }
    let person = demo_account(state);
    account::store::insert_account(&mut *transaction, &person, Some(&person_hash)).await?;
    transaction.commit().await?;
    Ok(Made {
        client,
        secret,
        admin_password,
        person_password,
    })
}

fn demo_client(state: &AppState) -> anyhow::Result<Client> {
    let draft = Draft {
        name: CLIENT_NAME.to_owned(),
        preset: Preset::find(PRESET).context("the CLOVA preset is gone")?,
        preset_values: BTreeMap::new(),
        redirect_uris: Vec::new(),
        scopes: Vec::new(),
        public: false,
    };
    let rules = Rules::new(&state.lifetimes, &state.public_url, &[], state.outbound);
    let now = state.clock.now();
    let mut client = registration::register(draft, rules, &*state.random, now)?;
    // The simulation plays an event of the store, too, which has to name the extension.
    client.settings.extension_id = Some(EXTENSION.to_owned());
    client.settings.chatbot.domain_code = Some(DOMAIN_CODE.to_owned());
    Ok(registration::checked(client, rules)?)
}

fn demo_account(state: &AppState) -> Account {
    let attributes = [("points", json!(1200)), ("tier", json!("gold"))];
    Account {
        id: AccountId::random(&*state.random),
        external_id: Some("demo-1".to_owned()),
        email: ACCOUNT_EMAIL.to_owned(),
        name: ACCOUNT_NAME.to_owned(),
        locale: "ko".to_owned(),
        attributes: attributes
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect(),
        disabled_at: None,
        delete_at: None,
        created_at: state.clock.now(),
    }
}

/// The demo's client, if this database ever was a demo's.
async fn find_client(state: &AppState) -> anyhow::Result<Option<String>> {
    if account::store::find_account_by_email(&state.db, ACCOUNT_EMAIL)
        .await?
        .is_none()
    {
        return Ok(None);
    }
    let clients = client::store::list_clients(&state.db).await?;
    let found = clients
        .into_iter()
        .rfind(|client| client.preset == PRESET && client.name == CLIENT_NAME);
    Ok(found.map(|client| client.id.to_string()))
}

fn credentials(made: &Made) -> String {
    let facts = output::facts(&[
        ("admin", ADMIN_EMAIL.to_owned()),
        ("  password", made.admin_password.expose_secret().to_owned()),
        ("account", format!("{ACCOUNT_EMAIL} ({ACCOUNT_NAME})")),
        (
            "  password",
            made.person_password.expose_secret().to_owned(),
        ),
        ("client", format!("{} ({CLIENT_NAME})", made.client.id)),
        ("  secret", made.secret.expose().to_owned()),
    ]);
    let lines = facts.lines().map(|line| format!("  {line}\n"));
    format!(
        "Made for a first try; these credentials are shown only now:\n\n{}\n",
        lines.collect::<String>()
    )
}

/// The command that works as it is printed, from wherever it is pasted.
fn simulate(
    config: &Config,
    file: Option<&Path>,
    url: &str,
    client: &str,
    password: &str,
) -> anyhow::Result<String> {
    let quoted = |path: &Path| -> anyhow::Result<String> {
        Ok(quote(&path::absolute(path)?.to_string_lossy()))
    };
    let data_dir = if config.database_url.is_none() {
        format!("LINKGATE_DATA_DIR={} ", quoted(&config.data_dir)?)
    } else {
        String::new()
    };
    let program = quote(&config::program().to_string_lossy());
    let settings = match config::settings_file(file) {
        Some(file) => format!(" --config {}", quoted(file)?),
        None => String::new(),
    };
    let base_url = if url == DEFAULT_URL {
        String::new()
    } else {
        format!(" --base-url {url}")
    };
    Ok(format!(
        "echo '{password}' | {data_dir}{program}{settings} simulate {client} \
         --email {ACCOUNT_EMAIL} --password-stdin{base_url}"
    ))
}

/// A word of a shell's command line.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
