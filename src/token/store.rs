//! The token endpoint's reads: the client's credentials and the link, in one statement.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgExecutor;

use crate::{
    client::{Rotation, TokenAlgorithm, TokenFormat, authenticate::Credentials},
    foundation::{
        ids::{AccountId, ClientId, FlowId, LinkId},
        keys::{KeyId, KeyKind},
    },
    link::{LinkState, code::CodeHash, redemption::Redeemable, refreshing::Refreshable},
    protocol::pkce::CodeChallenge,
};

/// A client as the token endpoint needs it.
#[derive(Debug, Clone)]
pub struct TokenClient {
    /// Its id.
    pub id: ClientId,
    /// What it must prove.
    pub credentials: Credentials,
    /// How its refresh tokens change.
    pub rotation: Rotation,
    /// What signs its access tokens; `None` for opaque ones.
    pub signs_with: Option<KeyKind>,
    /// Whom its access tokens are for, beside this server.
    pub token_audience: Option<String>,
    /// How long its access tokens are good.
    pub access_lifetime: TimeDelta,
    /// How long its links live without a refresh.
    pub refresh_idle: TimeDelta,
}

/// What both reads select of the client. An unknown one has a row, too, with nothing in it: so it is
/// read in the same time.
struct ClientColumns {
    confidential: Option<bool>,
    disabled_at: Option<DateTime<Utc>>,
    rotation: Option<Rotation>,
    token_format: Option<TokenFormat>,
    token_algorithm: Option<TokenAlgorithm>,
    token_audience: Option<String>,
    access_lifetime_seconds: Option<i32>,
    refresh_idle_seconds: Option<i32>,
    secret_hashes: Vec<Vec<u8>>,
    jwks: Option<String>,
}

impl ClientColumns {
    fn into_client(self, id: &str) -> Option<TokenClient> {
        Some(TokenClient {
            id: ClientId(id.to_owned()),
            credentials: Credentials {
                confidential: self.confidential?,
                disabled: self.disabled_at.is_some(),
                secret_hashes: self.secret_hashes,
                jwks: self.jwks,
            },
            rotation: self.rotation?,
            signs_with: self.token_format?.signs_with(self.token_algorithm?),
            token_audience: self.token_audience,
            access_lifetime: TimeDelta::seconds(i64::from(self.access_lifetime_seconds?)),
            refresh_idle: TimeDelta::seconds(i64::from(self.refresh_idle_seconds?)),
        })
    }
}

/// The client of that id and, if the code is known, the link it redeems.
pub async fn find_by_code(
    db: impl PgExecutor<'_>,
    client_id: &str,
    code: Option<CodeHash>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(TokenClient, Option<Redeemable>)>> {
    let mut row = sqlx::query!(
        r#"select c.confidential as "confidential?", c.disabled_at, c.rotation as "rotation?: Rotation",
                  c.access_lifetime_seconds as "access_lifetime_seconds?",
                  c.token_format as "token_format?: TokenFormat", c.token_audience,
                  c.token_algorithm as "token_algorithm?: TokenAlgorithm", c.jwks,
                  c.refresh_idle_seconds as "refresh_idle_seconds?", array(select secret_hash from client_secret s
                      where s.client_id = c.client_id and (s.expires_at is null or s.expires_at > $3)) as "secret_hashes!",
                  l.link_id as "link_id?: LinkId", l.client_id as "link_client_id?: ClientId",
                  l.account_id as "account_id?: AccountId", l.state as "state?: LinkState", l.scopes as "scopes?",
                  l.code_expires_at, l.redirect_uri, l.code_challenge, l.wrong_verifiers as "wrong_verifiers?",
                  l.linked_at, l.access_epoch as "access_epoch?", l.flow_id as "flow_id: FlowId",
                  a.disabled_at as account_disabled_at
           from (values ($1)) asked (client_id)
           left join client c on c.client_id = asked.client_id
           left join link l on l.code_hash = $2
           left join account a on a.account_id = l.account_id"#,
        client_id,
        code.map(|hash| hash.0.to_vec()),
        now,
    )
    .fetch_one(db)
    .await?;
    let challenge = row
        .code_challenge
        .take()
        .map(|text| text.parse::<CodeChallenge>())
        .transpose();
    let code_challenge = challenge.map_err(|error| sqlx::Error::Decode(Box::new(error)))?;
    let client = ClientColumns {
        confidential: row.confidential,
        disabled_at: row.disabled_at,
        rotation: row.rotation,
        token_format: row.token_format,
        token_algorithm: row.token_algorithm,
        token_audience: row.token_audience,
        access_lifetime_seconds: row.access_lifetime_seconds,
        refresh_idle_seconds: row.refresh_idle_seconds,
        secret_hashes: row.secret_hashes,
        jwks: row.jwks,
    };
    let link = (|| {
        Some(Redeemable {
            link_id: row.link_id?,
            client_id: row.link_client_id?,
            account_id: row.account_id?,
            state: row.state?,
            scopes: row.scopes?,
            code_expires_at: row.code_expires_at,
            redirect_uri: row.redirect_uri,
            code_challenge,
            wrong_verifiers: row.wrong_verifiers?,
            linked_at: row.linked_at,
            access_epoch: row.access_epoch?,
            flow_id: row.flow_id,
            account_enabled: row.account_disabled_at.is_none(),
        })
    })();
    Ok(client.into_client(client_id).map(|client| (client, link)))
}

/// The client of that id and, where it was ever active, the link a genuine refresh token names.
pub async fn find_by_link(
    db: impl PgExecutor<'_>,
    client_id: &str,
    link: Option<LinkId>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(TokenClient, Option<Refreshable>)>> {
    let row = sqlx::query!(
        r#"select c.confidential as "confidential?", c.disabled_at, c.rotation as "rotation?: Rotation",
                  c.access_lifetime_seconds as "access_lifetime_seconds?",
                  c.token_format as "token_format?: TokenFormat", c.token_audience,
                  c.token_algorithm as "token_algorithm?: TokenAlgorithm", c.jwks,
                  c.refresh_idle_seconds as "refresh_idle_seconds?", array(select secret_hash from client_secret s
                      where s.client_id = c.client_id and (s.expires_at is null or s.expires_at > $3)) as "secret_hashes!",
                  l.link_id as "link_id?: LinkId", l.client_id as "link_client_id?: ClientId",
                  l.account_id as "account_id?: AccountId", l.state as "state?: LinkState", l.scopes as "scopes?",
                  l.refresh_key_id as "refresh_key_id?: KeyId", l.generation as "generation?",
                  l.confirmed as "confirmed?", l.confirmed_key_id as "confirmed_key_id?: KeyId", l.confirmed_at, l.access_epoch as "access_epoch?",
                  l.idle_expires_at, a.disabled_at as account_disabled_at
           from (values ($1)) asked (client_id)
           left join client c on c.client_id = asked.client_id
           left join link l on l.link_id = $2
           left join account a on a.account_id = l.account_id"#,
        client_id,
        link.map(|id| id.0),
        now,
    )
    .fetch_one(db)
    .await?;
    let client = ClientColumns {
        confidential: row.confidential,
        disabled_at: row.disabled_at,
        rotation: row.rotation,
        token_format: row.token_format,
        token_algorithm: row.token_algorithm,
        token_audience: row.token_audience,
        access_lifetime_seconds: row.access_lifetime_seconds,
        refresh_idle_seconds: row.refresh_idle_seconds,
        secret_hashes: row.secret_hashes,
        jwks: row.jwks,
    };
    let link = (|| {
        Some(Refreshable {
            link_id: row.link_id?,
            client_id: row.link_client_id?,
            account_id: row.account_id?,
            state: row.state?,
            scopes: row.scopes?,
            refresh_key_id: row.refresh_key_id?,
            generation: row.generation?,
            confirmed: row.confirmed?,
            confirmed_key_id: row.confirmed_key_id,
            confirmed_at: row.confirmed_at,
            access_epoch: row.access_epoch?,
            idle_expires_at: row.idle_expires_at?,
            account_enabled: row.account_disabled_at.is_none(),
        })
    })();
    Ok(client.into_client(client_id).map(|client| (client, link)))
}
