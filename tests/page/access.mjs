// Accessibility: axe on every page in every state, small and enlarged, in forced colours, in a dark preference.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { browser, expect, plan, returns, same, start, suite } from "./lib.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const app = await start();
await app.open();
const chrome = await browser();
const at = (page) => `${app.origin}/${app.key}/${page}`;

/** What axe has against a page as it is. */
async function judged(page, what) {
  // The page's own policy forbids scripts from elsewhere: the debugger puts this one in.
  await page.evaluate(axe).catch(() => {});
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  const { violations } = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
  same(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join("; ")}`), [], what);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  expect(!wide, `${what} scrolls sideways`);
  const small = await page.evaluate(() => [...document.querySelectorAll("main button, main select, main input:not([type=hidden]), nav a, footer button")]
    .filter((e) => e.checkVisibility()).map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
    .filter(([, box]) => box.width < 23.5 || box.height < 20).map(([html]) => html));
  same(small, [], `${what}: small targets`);
}

const PAGES = ["", "files", "results", "decisions", "money", "downloads", "publish", "rules", "rules/C202"];

/** Every page in each state of a session, in one browser window. */
async function states(options, what) {
  await app.post("clear");
  const page = await chrome.newPage({ bypassCSP: true, ...options });
  const see = async (target, state) => { await page.goto(at(target)); await judged(page, `${what}, ${state}: ${target || "start"}`); };
  for (const target of PAGES) await see(target, "empty");
  await page.goto(at("files"));
  await page.click("#run-form button");
  await judged(page, `${what}, files with errors`);
  await app.upload("plan", [plan]);
  await app.upload("return", [...returns, ["broken.xlsx", Buffer.from("broken")]]);
  await see("files", "files and an error");
  await app.run();
  for (const target of PAGES) await see(target, "done");
  const ids = [...(await app.get("results")).body.toString().matchAll(/data-finding="([^"]+)"/g)].map((found) => found[1]);
  for (const id of ids.slice(0, 4)) await see(`results/${id}`, "a finding");
  await page.goto(at("decisions"));
  const form = page.locator("form[data-for]").first();
  await form.getByLabel("Accept", { exact: true }).check();
  await form.getByRole("button", { name: "Save" }).click();
  await judged(page, `${what}, decisions with errors`);
  await form.getByLabel("Ask the partner").check();
  await form.getByRole("button", { name: "Save" }).click();
  await judged(page, `${what}, a decision saved`);
  await page.goto(at("publish"));
  await page.click("#publish-form button");
  await judged(page, `${what}, publish with errors`);
  await page.check("#earlier-none");
  await page.click("#publish-form button");
  await page.locator("#published").waitFor();
  await judged(page, `${what}, a public version`);
  for (const target of PAGES) await see(target, "changed");
  await page.goto(`${app.origin}/nothing`);
  await judged(page, `${what}, nothing there`);
  await page.close();
}

await suite({
  "at 1280 px": () => states({ viewport: { width: 1280, height: 800 } }, "1280 px"),
  "at 320 px": () => states({ viewport: { width: 320, height: 640 } }, "320 px"),
  "at 200 %": () => states({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }, "200 %"),
  "in forced colours": () => states({ viewport: { width: 1280, height: 800 }, forcedColors: "active" }, "forced colours"),
  "in a dark preference the page stays light": async () => {
    const page = await chrome.newPage({ colorScheme: "dark", bypassCSP: true });
    await page.goto(at(""));
    same(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)", "background");
    await judged(page, "dark");
    await page.close();
  },
  "the focus is seen": async () => {
    const page = await chrome.newPage();
    await page.goto(at("files"));
    for (let i = 0; i < 14; i += 1) {
      await page.keyboard.press("Tab");
      const seen = await page.evaluate(() => {
        const style = getComputedStyle(document.activeElement);
        return { name: document.activeElement.outerHTML.slice(0, 60), width: parseFloat(style.outlineWidth), style: style.outlineStyle };
      });
      expect(seen.style !== "none" && seen.width >= 3, JSON.stringify(seen));
    }
    await page.close();
  },
  "results and money print without forms": async () => {
    const page = await chrome.newPage();
    for (const target of ["results", "money"]) {
      await page.goto(at(target));
      await page.emulateMedia({ media: "print" });
      expect(!(await page.locator("form").first().isVisible()), `${target} prints a form`);
      await page.emulateMedia({ media: "screen" });
    }
    await page.close();
  },
  "a run and the goodbye": async () => {
    const page = await chrome.newPage({ bypassCSP: true });
    await page.goto(at(""));
    await page.getByRole("button", { name: "Stop csp-bridge" }).click();
    same(await page.textContent("h1"), "csp-bridge has stopped", "the goodbye");
    await judged(page, "stopped");
    await page.close();
  },
});
await chrome.close();
await app.stop();
