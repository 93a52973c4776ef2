// openid-client, the certified relying party: what it asks of any OAuth 2.0 server, in its own defaults.

import { strict as assert } from 'node:assert';
import * as openid from 'openid-client';

import * as story from './story.mjs';

const confidential = story.client;
const variants = [
  ['client_secret_basic', confidential, openid.ClientSecretBasic(confidential.secret)],
  ['client_secret_post', confidential, openid.ClientSecretPost(confidential.secret)],
  ['none', story.publicClient, openid.None()],
];

for (const [method, client, authentication] of variants) {
  const config = await openid.discovery(new URL(story.issuer), client.id, undefined, authentication, {
    algorithm: 'oauth2',
    execute: [openid.allowInsecureRequests], // plain HTTP, as only loopback has it
  });
  assert.ok(config.serverMetadata().supportsPKCE());

  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const expectedState = openid.randomState();
  const url = openid.buildAuthorizationUrl(config, {
    redirect_uri: story.redirectUri,
    scope: story.scope,
    state: expectedState,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  const back = await story.person().approve(url, story.redirectUri);
  const linked = await openid.authorizationCodeGrant(config, back, { pkceCodeVerifier, expectedState });
  assert.ok(linked.expiresIn() > 0);
  const resolve = async (token) =>
    openid.fetchProtectedResource(config, token, new URL('/resolve', story.issuer), 'GET');
  const { account } = await resolve(linked.access_token).then((answer) => answer.json());
  assert.equal(account.email, story.email);
  story.shown(`linked with ${method}`);

  const refreshed = await openid.refreshTokenGrant(config, linked.refresh_token);
  const claims = await openid.fetchUserInfo(config, refreshed.access_token, account.id);
  assert.equal(claims.email, story.email);
  story.shown(`refreshed with ${method}`);

  await openid.tokenRevocation(config, refreshed.access_token);
  await story.assertDead(refreshed.access_token);
  const again = await openid.refreshTokenGrant(config, refreshed.refresh_token);
  await story.assertAlive(again.access_token);
  story.shown(`revoked an access token with ${method}; the link lives on`);

  await openid.tokenRevocation(config, again.refresh_token);
  await story.assertDead(again.access_token);
  await assert.rejects(openid.refreshTokenGrant(config, again.refresh_token), { error: 'invalid_grant' });
  story.shown(`revoked with ${method}`);
}
