// Passkeys: a browser that can use them gets the buttons; everything works without.
"use strict";

const able = window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON && navigator.credentials;

for (const note of document.querySelectorAll("[data-passkey-unable]")) note.hidden = Boolean(able);

for (const form of able ? document.querySelectorAll("form[data-passkey]") : []) {
  const failed = form.querySelector("[data-passkey-failed]");
  const options = JSON.parse(form.dataset.passkey).publicKey;
  const ask = () => "passkeyNew" in form.dataset
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  let busy = false;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    failed.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify((await ask()).toJSON());
      form.submit();
    } catch {
      failed.hidden = false;
      busy = false;
    }
  });
  window.addEventListener("pageshow", () => { busy = false; });
}
