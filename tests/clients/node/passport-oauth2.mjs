// passport-oauth2 in an Express application, as its guide sets it up: sessions, `state` and PKCE on, the profile
// from userinfo. The application is at the redirect URI's host, behind what would be its proxy.

import { strict as assert } from 'node:assert';
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import OAuth2Strategy from 'passport-oauth2';

import * as story from './story.mjs';

const callback = new URL(story.redirectUri);
let linked;

const strategy = new OAuth2Strategy(
  {
    authorizationURL: `${story.issuer}/oauth/authorize`,
    tokenURL: `${story.issuer}/oauth/token`,
    clientID: story.client.id,
    clientSecret: story.client.secret,
    callbackURL: story.redirectUri,
    scope: story.scope.split(' '),
    state: true,
    pkce: true,
  },
  (accessToken, refreshToken, parameters, profile, done) => {
    linked = { accessToken, refreshToken, parameters };
    done(null, profile);
  },
);
const oauth2 = strategy._oauth2; // where its own guide reads profiles, and passport-oauth2-refresh refreshes
oauth2.useAuthorizationHeaderforGET(true);
strategy.userProfile = (accessToken, done) =>
  oauth2.get(`${story.issuer}/oauth/userinfo`, accessToken, (error, body) =>
    error ? done(error) : done(null, JSON.parse(body)),
  );
passport.use('linkgate', strategy);
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));

const application = express();
application.use(session({ secret: 'of this run', resave: false, saveUninitialized: false }));
application.use(passport.session());
application.get('/link', passport.authenticate('linkgate'));
application.get(callback.pathname, passport.authenticate('linkgate'), (request, response) => {
  response.redirect(`/linked?as=${encodeURIComponent(request.user.email)}`);
});

const listening = application.listen(0, '127.0.0.1');
await new Promise((resolve) => listening.once('listening', resolve));
const sites = { [callback.origin]: `http://127.0.0.1:${listening.address().port}` };

const end = await story.person(sites).approve(`${callback.origin}/link`, `${callback.origin}/linked`);
assert.equal(end.searchParams.get('as'), story.email);
await story.assertAlive(linked.accessToken);
story.shown('linked');

const refresh = (token) =>
  new Promise((resolve, reject) => {
    const answered = (error, accessToken, refreshToken) =>
      error ? reject(error) : resolve({ accessToken, refreshToken });
    oauth2.getOAuthAccessToken(token, { grant_type: 'refresh_token' }, answered);
  });
const refreshed = await refresh(linked.refreshToken);
await story.assertAlive(refreshed.accessToken);
story.shown('refreshed');

// The library has no revocation.
const credentials = Buffer.from(`${story.client.id}:${story.client.secret}`).toString('base64');
const revoked = await fetch(`${story.issuer}/oauth/revoke`, {
  method: 'POST',
  headers: { authorization: `Basic ${credentials}` },
  body: new URLSearchParams({ token: refreshed.refreshToken }),
});
assert.equal(revoked.status, 200);
await story.assertDead(refreshed.accessToken);
await assert.rejects(refresh(refreshed.refreshToken), (error) => JSON.parse(error.data).error === 'invalid_grant');
story.shown('revoked');

listening.close();
listening.closeAllConnections();
