// check.mjs GALLERY STATIC: looks for violations of WCAG 2.2 A and AA (axe-core) and of HTML's own rules
// (html-validate) in every page of the gallery, by day and by night. Prints each, one a line; exits 1 if
// there are any.

import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { HtmlValidate } from "html-validate";
import { browse, each, pagesOf, serve } from "./gallery.mjs";

const [gallery, statics] = process.argv.slice(2);
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WCAG = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"] };
// Night changes colours alone.
const CONTRAST = { type: "rule", values: ["color-contrast"] };

const html = new HtmlValidate({
  root: true,
  extends: ["html-validate:recommended", "html-validate:document"],
  rules: {
    // The stylesheet of a formatter, not a rule of HTML.
    "no-trailing-whitespace": "off",
    "void-style": "off",
    "doctype-style": "off",
    // Other sites are never linked by a script or a style; our own need no hash.
    "require-sri": "off",
    // Titles carry the service's name, which an operator chooses.
    "long-title": "off",
  },
});

const faults = [];
const pages = await pagesOf(gallery);
if (pages.length === 0) throw new Error(`no pages in ${gallery}`);

for (const name of pages) {
  const report = await html.validateString(await readFile(join(gallery, `${name}.html`), "utf8"));
  for (const message of report.results.flatMap((result) => result.messages)) {
    // A letter has no stylesheet to link.
    if (name.startsWith("mail-") && message.ruleId === "no-inline-style") continue;
    faults.push(`${name}:${message.line}: ${message.ruleId}: ${message.message}`);
  }
}

const server = await serve(gallery, statics);
const browser = await browse();
await each(pages, 2, async (name) => {
  const page = await browser.newPage();
  await page.setViewport({ width: 390, height: 844 });
  for (const [scheme, rules] of [["light", WCAG], ["dark", CONTRAST]]) {
    // A colour on its way to another one would be measured half-way.
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: scheme },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    await page.goto(`${server.origin}/${name}.html`);
    await page.evaluate(AXE);
    const found = await page.evaluate((rules) => axe.run({ runOnly: rules }), rules);
    for (const violation of found.violations) {
      const where = violation.nodes.map((node) => node.target.join(" ")).join(", ");
      faults.push(`${name} (${scheme}): ${violation.id}: ${violation.help}: ${where}`);
    }
  }
  await page.close();
});
await browser.close();
server.close();

for (const fault of faults) console.log(fault);
console.log(`${pages.length} pages, ${faults.length} faults`);
process.exitCode = faults.length === 0 ? 0 : 1;
