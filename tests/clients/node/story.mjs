// What each client plays: the server it meets, its registration, and the person in front of it.

import { strict as assert } from 'node:assert';
import { webcrypto } from 'node:crypto';

import { Person } from './person.mjs';

// Node.js 18 hides it behind a flag.
globalThis.crypto ??= webcrypto;

const given = (name) => {
  assert.ok(process.env[name], `${name} is missing`);
  return process.env[name];
};

export const issuer = given('ISSUER');
export const redirectUri = given('REDIRECT_URI');
export const email = given('EMAIL');
export const scope = 'account:id account:email';
export const client = { id: given('CLIENT_ID'), secret: given('CLIENT_SECRET') };
export const publicClient = { id: given('PUBLIC_CLIENT_ID') };
export const signingClient = { id: given('SIGNING_CLIENT_ID'), kid: given('SIGNING_KID') };

/** The private key of the client that signs, as WebCrypto has it. */
export const signingKey = () => crypto.subtle.importKey(
  'pkcs8', Buffer.from(given('SIGNING_KEY'), 'base64'), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'],
);

/** The person, in a browser that was never here. */
export const person = (sites) => new Person({ email, password: given('PASSWORD'), sites });

/** Says what was shown, for those who look for what failed after it. */
export const shown = (what) => console.log(`ok: ${what}`);

/** What an extension learns from a token. */
export async function resolve(accessToken) {
  const headers = { authorization: `Bearer ${accessToken}` };
  const answer = await fetch(`${issuer}/resolve`, { headers });
  return answer.ok ? answer.json() : answer.status;
}

/** Fails unless the token stands for the person. */
export async function assertAlive(accessToken) {
  const resolved = await resolve(accessToken);
  assert.equal(resolved.account?.email, email, `not resolved: ${JSON.stringify(resolved)}`);
}

/** Fails unless the token stands for nobody. */
export async function assertDead(accessToken) {
  assert.equal(await resolve(accessToken), 401);
}
