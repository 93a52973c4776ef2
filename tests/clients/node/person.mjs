// A person with a browser: follows redirects, fills in the pages' forms and keeps cookies.

const MOST_PAGES = 12;

export class Person {
  #email;
  #password;
  #sites;
  #cookies = new Map();

  /** `sites` says where hosts that only exist here are served: `{ 'https://app.test': 'http://127.0.0.1:4000' }`. */
  constructor({ email, password, sites = {} }) {
    this.#email = email;
    this.#password = password;
    this.#sites = sites;
  }

  /** Logs in and approves, from `address` on; gives the first address that begins with `end`. */
  async approve(address, end) {
    let request = { address: String(address) };
    for (let page = 0; page < MOST_PAGES; page += 1) {
      if (request.address.startsWith(end)) return new URL(request.address);
      const answer = await this.#send(request);
      const location = answer.headers.get('location');
      if (location === null) {
        request = this.#fillIn(await answer.text(), answer.status, request.address);
      } else {
        request = { address: new URL(location, request.address).href };
      }
    }
    throw new Error(`too many pages; the last was ${request.address}`);
  }

  async #send({ address, form }) {
    const { origin } = new URL(address);
    const served = this.#sites[origin];
    const url = served ? address.replace(origin, served) : address;
    const jar = this.#cookies.get(origin) ?? new Map();
    const headers = { cookie: [...jar].map((pair) => pair.join('=')).join('; ') };
    const method = form ? 'POST' : 'GET';
    const answer = await fetch(url, { method, headers, body: form, redirect: 'manual' });
    // `Secure` is not asked about: in production a proxy ends the TLS, here there is none.
    for (const [, cookie] of [...answer.headers].filter(([name]) => name === 'set-cookie')) {
      const [pair, ...attributes] = cookie.split('; ');
      const [name, ...value] = pair.split('=');
      if (attributes.includes('Max-Age=0')) jar.delete(name);
      else jar.set(name, value.join('='));
    }
    this.#cookies.set(origin, jar);
    return answer;
  }

  #fillIn(page, status, address) {
    for (const form of forms(page)) {
      const fields = new URLSearchParams(form.hidden);
      if (form.inputs.has('password')) {
        fields.set('email', this.#email);
        fields.set('password', this.#password);
      } else if (form.buttons.has('decision=approve')) {
        fields.set('decision', 'approve');
      } else {
        continue;
      }
      return { address: new URL(form.action, address).href, form: fields };
    }
    throw new Error(`nothing to log in at or to approve: ${status} at ${address}\n${page}`);
  }
}

/** The forms of a page: what they post as they stand, and what a person may fill in or press. */
function forms(page) {
  return [...page.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, tag, inside]) => {
    const inputs = [...inside.matchAll(/<input\b([^>]*)>/g)].map(([, input]) => input);
    const buttons = [...inside.matchAll(/<button\b([^>]*)>/g)].map(([, button]) => button);
    const hidden = inputs.filter((input) => attribute(input, 'type') === 'hidden');
    return {
      action: attribute(tag, 'action'),
      hidden: hidden.map((input) => [attribute(input, 'name'), attribute(input, 'value')]),
      inputs: new Set(inputs.map((input) => attribute(input, 'name'))),
      buttons: new Set(
        buttons.map((button) => `${attribute(button, 'name')}=${attribute(button, 'value')}`),
      ),
    };
  });
}

function attribute(tag, name) {
  const found = tag.match(new RegExp(`\\s${name}="([^"]*)"`));
  return found ? unescape(found[1]) : undefined;
}

function unescape(text) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"' };
  return text.replace(/&(#\d+|\w+);/g, (whole, entity) =>
    entity.startsWith('#') ? String.fromCodePoint(Number(entity.slice(1))) : named[entity] ?? whole,
  );
}
