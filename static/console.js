// An extra for the console, which works without it: buttons that copy the value beside them.
"use strict";

const said = document.createElement("p");
said.className = "unseen";
said.setAttribute("role", "status");
document.body.append(said);

// Browsers give the clipboard to https and loopback pages only; elsewhere the buttons stay hidden.
if (navigator.clipboard) {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const label = [...button.childNodes];
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(button.dataset.copy);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Copying failed";
      }
      said.textContent = button.textContent;
      setTimeout(() => {
        button.replaceChildren(...label);
        said.textContent = "";
      }, 2000);
    });
  }
}
