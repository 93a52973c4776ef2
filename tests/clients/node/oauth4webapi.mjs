// oauth4webapi: discovery, every client authentication it shares with Linkgate, and each answer checked as its RFC
// says.

import { strict as assert } from 'node:assert';
import * as oauth from 'oauth4webapi';

import * as story from './story.mjs';

const insecure = { [oauth.allowInsecureRequests]: true }; // plain HTTP, as only loopback has it

const issuer = new URL(story.issuer);
const server = await oauth
  .discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure })
  .then((answer) => oauth.processDiscoveryResponse(issuer, answer));
story.shown('discovered the metadata');

async function link(client, authentication) {
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(server.authorization_endpoint);
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: story.redirectUri,
    response_type: 'code',
    scope: story.scope,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const back = await story.person().approve(url, story.redirectUri);
  const parameters = oauth.validateAuthResponse(server, client, back, state);
  const answer = await oauth.authorizationCodeGrantRequest(
    server, client, authentication, parameters, story.redirectUri, verifier, insecure,
  );
  return oauth.processAuthorizationCodeResponse(server, client, answer);
}

async function refresh(client, authentication, token) {
  const answer = await oauth.refreshTokenGrantRequest(server, client, authentication, token, insecure);
  return oauth.processRefreshTokenResponse(server, client, answer);
}

async function resolve(accessToken) {
  const url = new URL('/resolve', issuer);
  const answer = await oauth.protectedResourceRequest(accessToken, 'GET', url, undefined, undefined, insecure);
  return answer.json();
}

async function userinfo(client, accessToken, subject) {
  const answer = await oauth.userInfoRequest(server, client, accessToken, insecure);
  return oauth.processUserInfoResponse(server, client, subject, answer);
}

async function introspect(client, authentication, token) {
  const answer = await oauth.introspectionRequest(server, client, authentication, token, insecure);
  return oauth.processIntrospectionResponse(server, client, answer);
}

async function revoke(client, authentication, token) {
  const answer = await oauth.revocationRequest(server, client, authentication, token, insecure);
  return oauth.processRevocationResponse(answer);
}

const refused = (error) => ({ name: 'ResponseBodyError', error });

const confidential = { client_id: story.client.id };
const variants = [
  ['client_secret_basic', confidential, oauth.ClientSecretBasic(story.client.secret)],
  ['client_secret_post', confidential, oauth.ClientSecretPost(story.client.secret)],
  ['private_key_jwt', { client_id: story.signingClient.id }, oauth.PrivateKeyJwt(
    { key: await story.signingKey(), kid: story.signingClient.kid },
  )],
  ['none', { client_id: story.publicClient.id }, oauth.None()],
];

for (const [method, client, authentication] of variants) {
  assert.ok(server.token_endpoint_auth_methods_supported.includes(method));
  const linked = await link(client, authentication);
  const { account } = await resolve(linked.access_token);
  assert.equal(account.email, story.email);
  story.shown(`linked with ${method}`);

  const refreshed = await refresh(client, authentication, linked.refresh_token);
  const claims = await userinfo(client, refreshed.access_token, account.id);
  assert.equal(claims.email, story.email);
  story.shown(`refreshed with ${method}`);

  if (method !== 'none') {
    const known = await introspect(client, authentication, refreshed.access_token);
    assert.deepEqual([known.active, known.sub, known.iss], [true, account.id, story.issuer]);
  }
  await revoke(client, authentication, refreshed.refresh_token);
  await assert.rejects(refresh(client, authentication, refreshed.refresh_token), refused('invalid_grant'));
  await assert.rejects(resolve(refreshed.access_token), { name: 'WWWAuthenticateChallengeError', status: 401 });
  if (method !== 'none') {
    const gone = await introspect(client, authentication, refreshed.access_token);
    assert.equal(gone.active, false);
  }
  story.shown(`revoked with ${method}`);
}

const wrong = oauth.ClientSecretBasic('wrong');
const challenge = { name: 'WWWAuthenticateChallengeError', status: 401 };
await assert.rejects(refresh(confidential, wrong, 'lg_rt_x'), challenge);
story.shown('a wrong secret is refused in terms the library reads');
