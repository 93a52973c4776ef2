// node-oidc-provider, the certified server, registered and set up as Linkgate is: what a hostile request gets from it
// is what ours is compared with. Prints its port, and stops when its standard input ends.

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const { clients } = JSON.parse(process.env.REGISTRATIONS);
const scopes = [...new Set(clients.flatMap(({ scope }) => scope.split(' ')))];

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address();

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: clients.map(({ id, secret, method, redirectUri, scope }) => ({
    client_id: id,
    client_secret: secret ?? undefined,
    token_endpoint_auth_method: method,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    scope,
  })),
  scopes,
  jwks: { keys: [privateKey.export({ format: 'jwk' })] },
  cookies: { keys: ['of this run'] },
  routes: {
    authorization: '/oauth/authorize',
    token: '/oauth/token',
    revocation: '/oauth/revoke',
    introspection: '/oauth/introspect',
  },
  findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  features: {
    devInteractions: { enabled: false },
    introspection: {
      enabled: true,
      allowedPolicy: (_, client, token) => token.clientId === client.clientId,
    },
    resourceIndicators: { enabled: false },
    revocation: { enabled: true },
  },
  // As ours: a client that can't keep a secret must send a challenge, every link can be refreshed.
  pkce: { methods: ['S256'], required: (_, client) => client.clientAuthMethod === 'none' },
  issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  interactions: { url: (_, interaction) => `/approve/${interaction.uid}` },
  renderError: (context) => {
    context.type = 'html';
    context.body = 'refused';
  },
});

// A person who logs in and approves whatever is asked.
const application = provider.callback();
server.on('request', async (request, response) => {
  if (!request.url.startsWith('/approve/')) return application(request, response);
  const { prompt, params } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    return provider.interactionFinished(request, response, { login: { accountId: 'somebody' } });
  }
  const grant = new provider.Grant({ accountId: 'somebody', clientId: params.client_id });
  grant.addOIDCScope(scopes.join(' '));
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
});

process.stdout.write(`${port}\n`);
process.stdin.resume().on('end', () => process.exit());
