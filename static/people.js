// An extra for people's pages, which work without it: counts the time left down, shows days in
// local time, and copies the support code.
"use strict";

const lang = document.documentElement.lang;

for (const left of document.querySelectorAll("[data-seconds-left]")) {
  const end = Date.now() + Number(left.dataset.secondsLeft) * 1000;
  const minutes = new Intl.NumberFormat(lang, { style: "unit", unit: "minute", unitDisplay: "long" });
  const show = () => {
    const seconds = Math.max(0, Math.floor((end - Date.now()) / 1000));
    const text = seconds < 60 ? left.dataset.last : minutes.format(Math.floor(seconds / 60)).replace(lang === "ja" ? " " : "", "");
    if (left.textContent !== text) left.textContent = text;
    if (seconds > 0) return;
    clearInterval(ticking);
    left.closest("p").hidden = true;
    for (const notice of document.querySelectorAll("[data-time-up]")) notice.hidden = false;
  };
  const ticking = setInterval(show, 1000);
  show();
}

for (const time of document.querySelectorAll("time[datetime]")) {
  const at = new Date(time.dateTime);
  if (!Number.isNaN(at.getTime())) time.textContent = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { dateStyle: "long" }).format(at);
}

// Browsers give the clipboard to https and loopback pages only; elsewhere the button stays hidden.
for (const button of navigator.clipboard ? document.querySelectorAll("button[data-copy]") : []) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = button.dataset.copied;
    } catch {
      button.hidden = true;
    }
  });
}
