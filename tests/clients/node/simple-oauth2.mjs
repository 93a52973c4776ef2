// simple-oauth2: its default paths are ours, its credentials go encoded into a Basic header or into the body.

import { strict as assert } from 'node:assert';
import { createHash, randomBytes } from 'node:crypto';
import { AuthorizationCode } from 'simple-oauth2';

import * as story from './story.mjs';

for (const authorizationMethod of ['header', 'body']) {
  const client = new AuthorizationCode({
    client: story.client,
    auth: { tokenHost: story.issuer },
    options: { authorizationMethod },
  });
  const state = randomBytes(16).toString('base64url');
  const verifier = randomBytes(32).toString('base64url');
  const url = client.authorizeURL({
    redirect_uri: story.redirectUri,
    scope: story.scope.split(' '),
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const back = await story.person().approve(url, story.redirectUri);
  // The library leaves both checks to its users.
  assert.equal(back.searchParams.get('state'), state);
  assert.equal(back.searchParams.get('iss'), story.issuer);

  const linked = await client.getToken({
    code: back.searchParams.get('code'),
    redirect_uri: story.redirectUri,
    code_verifier: verifier,
  });
  assert.equal(linked.expired(), false);
  await story.assertAlive(linked.token.access_token);
  story.shown(`linked with the secret in the ${authorizationMethod}`);

  const refreshed = await linked.refresh();
  await story.assertAlive(refreshed.token.access_token);
  story.shown(`refreshed with the secret in the ${authorizationMethod}`);

  await refreshed.revokeAll();
  await story.assertDead(refreshed.token.access_token);
  await assert.rejects(refreshed.refresh(), (error) => error.data.payload.error === 'invalid_grant');
  story.shown(`revoked with the secret in the ${authorizationMethod}`);
}
