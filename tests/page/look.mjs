// Pictures of every page, to be looked at: node look.mjs FOLDER [WIDTH ...]. With --readme, the two pictures of the README.
import path from "node:path";
import { browser, plan, returns, root, start } from "./lib.mjs";

const args = process.argv.slice(2);
const isReadme = args[0] === "--readme";
const folder = isReadme ? path.join(root, "samples/2022-23") : args[0];
const widths = isReadme ? [1000] : (args.slice(1).length ? args.slice(1).map(Number) : [1280, 768, 320]);

const app = await start();
const chrome = await browser();
for (const width of widths) {
  await app.open();
  await app.post("clear");
  const page = await chrome.newPage({ viewport: { width, height: isReadme ? 720 : 800 } });
  const at = (name) => `${app.origin}/${app.key}/${name}`;
  const take = async (name, target, whole = true) => {
    if (target !== undefined) await page.goto(at(target));
    await page.evaluate(() => document.activeElement?.blur());
    await page.screenshot({ path: path.join(folder, isReadme ? `page-${name}.png` : `${width}-${name}.png`), fullPage: whole && !isReadme });
  };
  if (!isReadme) {
    await take("start", "");
    await take("files-empty", "files");
    await take("results-empty", "results");
    await page.goto(at("files"));
    await page.click("#run-form button");
    await take("files-error");
  }
  await app.upload("plan", [plan]);
  await app.upload("return", returns);
  await app.run();
  await take("files", "files");
  await take("results", "results");
  if (isReadme) continue;
  await take("run-failed-none", "run");
  const finding = await page.getAttribute("tr[data-held=row]", "data-finding");
  await take("finding", `results/${finding}`);
  await take("decisions", "decisions");
  await page.goto(at("decisions"));
  const form = page.locator("form[data-for]").first();
  await form.getByLabel("Accept", { exact: true }).check();
  await form.getByRole("button", { name: "Save" }).click();
  await take("decisions-error");
  await page.goto(at("decisions"));
  await form.getByLabel("Ask the partner").check();
  await form.getByRole("button", { name: "Save" }).click();
  await take("decisions-saved");
  await take("money", "money");
  await take("downloads", "downloads");
  await take("publish-empty", "publish");
  await page.check("#earlier-none");
  await page.click("#publish-form button");
  await page.locator("#published").waitFor();
  await take("publish");
  await take("rules", "rules", false);
  await take("rule", "rules/C202");
  await page.goto(`${app.origin}/nothing`);
  await take("problem");
}
await chrome.close();
await app.stop();
