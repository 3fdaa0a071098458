// The whole job: by mouse, by keyboard, without script; and what the page says against what the command line says.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { bin, browser, expect, plan, returns, same, start, suite } from "./lib.mjs";

const chrome = await browser();
const fresh = async () => { const app = await start(); await app.open(); return app; };
const unescaped = (html) => html.replaceAll("&quot;", "\"").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&#39;", "'").replaceAll("&amp;", "&");
const report = async (app) => JSON.parse((await app.get("download/report.json")).body);

/** What the command line gives for the same files and decisions, from the very command that the page shows. */
async function fromTerminal(app, then) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "csp-bridge-job-"));
  try {
    mkdirSync(path.join(folder, "returns"));
    cpSync(plan, path.join(folder, path.basename(plan)));
    for (const file of returns) cpSync(file, path.join(folder, "returns", path.basename(file)));
    writeFileSync(path.join(folder, "decisions.toml"), (await app.get("download/decisions.toml")).body);
    const page = (await app.get("downloads?quarter=2022-23-Q3")).body.toString();
    const command = unescaped(/id="command"[^>]*>([^<]*)</.exec(page)[1]);
    const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map((found) => found[1] ?? found[2]).slice(1);
    try { execFileSync(bin, args, { cwd: folder, stdio: "ignore" }); } catch (error) { same(error.status, 1, command); }
    const saved = "Consolidated Q2 2022-23.xlsx";
    execFileSync(bin, ["templates", saved, "--quarter", "2022-23-Q3", "--as-of", "2022-10-20", "-o", "forms"], { cwd: folder, stdio: "ignore" });
    await then((name) => readFileSync(path.join(folder, name)), readdirSync(path.join(folder, "forms")));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function agrees(app) {
  await fromTerminal(app, async (read, forms) => {
    for (const name of ["report.json", "findings.html", "findings.csv", "findings.md"]) expect((await app.get(`download/${name}`)).body.equals(read(name)), name);
    expect((await app.get("download/consolidated.xlsx")).body.equals(read("Consolidated Q2 2022-23.xlsx")), "workbook");
    expect(forms.length > 5, "there are returns to send out");
    for (const name of forms) expect((await app.get(`download/templates/2022-23-Q3/${encodeURIComponent(name)}`)).body.equals(read(`forms/${name}`)), name);
  });
}

/** The page says what the report says. */
async function tells(app, page) {
  const said = await report(app);
  await page.goto(`${app.origin}/${app.key}/results`);
  const listed = said.findings.filter((finding) => !(finding.accepted && finding.would_hold === "none"));
  const open = (severity) => String(said.findings.filter((finding) => !finding.accepted && finding.severity === severity).length);
  const counts = page.locator("#counts");
  for (const [name, severity] of [["errors", "error"], ["warnings", "warning"], ["notes", "information"]]) same(await counts.getAttribute(`data-${name}`), open(severity), name);
  same(await counts.getAttribute("data-accepted"), String(said.findings.filter((finding) => finding.accepted).length), "accepted");
  same(await page.getAttribute("#tie-out", "data-ties"), said.totals.ties_out ? "yes" : "no", "ties");
  const rows = await page.$$eval("tr[data-finding]", (all) => all.map((row) => ({ ...row.dataset })));
  same(rows.map((row) => row.finding).sort(), listed.map((finding) => finding.id).sort(), "findings");
  const about = new Set(said.decisions.map((decision) => decision.finding));
  for (const row of rows) {
    const finding = said.findings.find((finding) => finding.id === row.finding);
    same([row.code, row.severity, row.held], [finding.code, finding.severity, finding.held], finding.id);
    same(row.standing, finding.accepted ? "accepted" : about.has(finding.id) ? "decided" : "open", `${finding.id} standing`);
  }
  await page.goto(`${app.origin}/${app.key}/money`);
  const pounds = (text) => text && Number(text.replace(/[^0-9.-]/g, "")).toFixed(2);
  for (const line of said.funding) {
    const cells = await page.$$eval(`#lines tr[data-line="${line.line}"] td[data-field]`, (all) => all.map((cell) => [cell.dataset.field, cell.textContent]));
    for (const [field, text] of cells) same(pounds(text) || null, line[field], `${line.line} ${field}`);
  }
  return said;
}

/** Every finding with a cell shows the value there. */
async function shows(app, page, said) {
  for (const finding of said.findings) {
    await page.goto(`${app.origin}/${app.key}/results/${finding.id}`);
    for (const [field, value] of [["severity", finding.severity], ["file", finding.path], ["sheet", finding.sheet], ["cell", finding.cell]]) same(await page.textContent(`dd[data-field="${field}"]`), value ?? "", field);
    if (!finding.cell) continue;
    same(await page.getAttribute("table.evidence", "data-cell"), finding.cell, "place");
    const here = await page.textContent("#here .value");
    if (finding.raw && !finding.cell.includes(":") && !finding.raw.includes(" · ")) same(here.trim(), finding.raw.trim(), `${finding.code} ${finding.cell}`);
  }
}

await suite({
  async "by mouse"() {
    const app = await fresh();
    const page = await chrome.newPage({ viewport: { width: 1280, height: 900 } });
    const heard = [];
    page.on("console", (message) => { if (message.type() === "error" && !message.text().includes("422")) heard.push(message.text()); });
    await page.goto(await app.enter());
    same(await page.textContent("h1"), "Merge this quarter's returns", "start");
    await page.getByRole("link", { name: "Start" }).click();
    await page.getByRole("button", { name: "Check and merge" }).click();
    same(await page.title(), "Error: Files – csp-bridge", "title");
    expect(await page.evaluate(() => document.activeElement.id === "error-summary"), "the summary has the focus");
    await page.getByRole("link", { name: "Add the action plan", exact: true }).click();
    expect(page.url().endsWith("#plan-file"), "a link to the field");
    await page.setInputFiles("#plan-file", plan);
    await page.waitForSelector("tr[data-role=plan]");
    await page.setInputFiles("#return-files", returns);
    await page.waitForFunction((count) => document.querySelectorAll("tr[data-role=return]").length === count, returns.length);
    expect((await page.textContent("#notice")).includes("10 files added."), await page.textContent("#notice"));
    expect(await page.evaluate(() => document.activeElement.id === "notice"), "the notice has the focus");
    await page.getByLabel("Quarter", { exact: true }).selectOption("2022-23-Q2");
    await page.getByText("Another day than today").click();
    await page.getByLabel("As of").fill("20/10/2022");
    const from = Date.now();
    await page.getByRole("button", { name: "Check and merge" }).click();
    await page.waitForSelector("#counts");
    expect(Date.now() - from < 5000, `results after ${Date.now() - from} ms`);
    same(await page.textContent("h1"), "Results, Q2 2022-23", "results");
    same((await page.textContent("#counts")).trim(), "14 errors, 0 warnings, 1 note.", "counts");
    await shows(app, page, await tells(app, page));
    await agrees(app);

    // One near match confirmed, one conflict settled, one finding accepted, one partner asked.
    await page.getByRole("link", { name: "Decisions" }).first().click();
    const save = async (about, choose) => {
      const section = page.locator(`section[data-decision][data-about="${about}"]`).first();
      const id = await section.getAttribute("data-decision");
      await choose(section);
      await section.getByRole("button", { name: "Save" }).click();
      expect(page.url().endsWith(`decisions#d-${id}`), page.url());
      same(await page.getAttribute(`section[data-decision="${id}"]`, "data-standing"), "saved", about);
      return id;
    };
    const accept = async (section) => {
      await section.getByLabel("Accept", { exact: true }).check();
      await section.getByLabel("Reason").fill("Agreed at the meeting");
      await section.getByLabel("Role").fill("Community safety manager");
    };
    await save("Conflict", accept);
    const match = await save("Unmatched row", accept);
    const row = await save("Held row", accept);
    await save("Value", async (section) => section.getByLabel("Ask the partner").check());
    same(await page.getAttribute("#pending", "data-pending"), "4", "pending");
    same((await app.state()).decisions, { taken: 4, pending: 4 }, "state");
    same(await page.locator("section[data-about='Two rows'] input[name=role]").first().inputValue(), "Community safety manager", "the role is filled in");
    await page.getByRole("button", { name: "Run again" }).click();
    await page.waitForSelector("#counts");
    same((await app.state()).decisions, { taken: 4, pending: 0 }, "in force");
    const said = await tells(app, page);
    same(said.decisions.map((decision) => decision.state).sort(), ["asked", "in-force", "in-force", "in-force"], "states");
    await page.goto(`${app.origin}/${app.key}/decisions`);
    for (const id of [match, row]) same(await page.getAttribute(`section[data-decision="${id}"]`, "data-standing"), "in-force", id);
    await agrees(app);

    // And taken back.
    const section = page.locator(`section[data-decision="${row}"]`);
    await section.getByLabel("Nothing yet").check();
    await section.getByRole("button", { name: "Save" }).click();
    same(await page.getAttribute(`section[data-decision="${row}"]`, "data-standing"), "open", "taken back");
    expect((await app.state()).changed, "changed");
    const [download] = await Promise.all([page.waitForEvent("download"), (async () => { await page.goto(`${app.origin}/${app.key}/downloads`); await page.click("[data-download='consolidated.xlsx']"); })()]);
    same(download.suggestedFilename(), "Consolidated Q2 2022-23.xlsx", "the saved name");
    same(heard, [], "console");
    await page.close();
    await app.stop();
  },

  async "by keyboard alone"() {
    const app = await fresh();
    const page = await chrome.newPage();
    await page.goto(await app.enter());
    const to = async (holds, what) => {
      for (let i = 0; i < 60; i += 1) {
        await page.keyboard.press("Tab");
        if (await page.evaluate(holds)) return;
      }
      throw new Error(`${what} cannot be reached`);
    };
    await page.keyboard.press("Tab");
    same(await page.evaluate(() => document.activeElement.textContent), "Skip to main content", "first");
    await to(() => document.activeElement.textContent === "Start", "Start");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#plan-file");
    for (const [id, files] of [["plan-file", plan], ["return-files", returns]]) {
      const chooser = page.waitForEvent("filechooser");
      await page.evaluate(() => document.activeElement.blur());
      for (let i = 0; i < 200 && !(await page.evaluate((id) => document.activeElement.id === id, id)); i += 1) await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await (await chooser).setFiles(files);
      await page.waitForSelector("#notice");
      await page.waitForFunction((count) => document.querySelectorAll("tr[data-file]").length >= count, id === "plan-file" ? 1 : 11);
    }
    await to(() => document.activeElement.id === "quarter", "Quarter");
    await page.keyboard.type("Q2");
    await to(() => document.activeElement.textContent === "Check and merge", "the button");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#counts");
    await to(() => document.activeElement.getAttribute("href")?.endsWith("/decisions"), "Decisions");
    await page.keyboard.press("Enter");
    await page.waitForSelector("form[data-for]");
    await to(() => document.activeElement.type === "radio", "a decision");
    for (let i = 0; i < 4 && !(await page.evaluate(() => document.activeElement.value === "Reject")); i += 1) await page.keyboard.press("ArrowUp");
    await to(() => document.activeElement.textContent === "Save", "Save");
    await page.keyboard.press("Enter");
    await page.waitForSelector("section[data-standing=saved]");
    await page.waitForFunction(() => document.activeElement.id === "notice");
    await to(() => document.activeElement.textContent === "Run again", "Run again");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#counts");
    same((await app.state()).decisions, { taken: 1, pending: 0 }, "in the run");
    await page.close();
    await app.stop();
  },

  async "without script"() {
    const app = await fresh();
    const page = await chrome.newPage({ javaScriptEnabled: false });
    await page.goto(await app.enter());
    await page.getByRole("link", { name: "Start" }).click();
    await page.setInputFiles("#plan-file", plan);
    await page.getByRole("button", { name: "Add the action plan" }).click();
    await page.setInputFiles("#return-files", returns);
    await page.getByRole("button", { name: "Add these returns" }).click();
    same(await page.locator("tr[data-role=return]").count(), 10, "returns");
    await page.selectOption("#quarter", "2022-23-Q2");
    await page.getByRole("button", { name: "Check and merge" }).click();
    await page.waitForSelector("#counts", { timeout: 20_000 });
    await page.getByRole("link", { name: "Decisions" }).first().click();
    const section = page.locator("section[data-about='Conflict']");
    await section.getByLabel("Accept", { exact: true }).check();
    await section.getByRole("button", { name: "Save" }).click();
    same(await page.locator("#error-summary li").count(), 2, "a reason and a role are wanted");
    await section.getByLabel("Reason").fill("The lead's figure stands");
    await section.getByLabel("Role").fill("Chair");
    await section.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Run again" }).click();
    await page.waitForSelector("#counts", { timeout: 20_000 });
    const name = path.basename(returns[0]);
    await page.getByRole("link", { name: "Files" }).first().click();
    await page.getByRole("button", { name: `Remove ${name}` }).click();
    same(await page.locator("tr[data-role=return]").count(), 9, "one removed");
    await page.getByRole("button", { name: "Forget everything" }).click();
    same((await app.state()).files, [], "forgotten");
    await page.getByRole("button", { name: "Stop csp-bridge" }).click();
    same(await page.textContent("h1"), "csp-bridge has stopped", "the goodbye");
    same(await app.ended, 0, "exit code");
    await page.close();
  },

  async "a corrected return replaces the first, a second plan waits, everything dropped finds its place"() {
    const app = await fresh();
    await app.upload("auto", [plan, ...returns]);
    let { files } = await app.state();
    same(files.map((file) => file.role), ["plan", ...returns.map(() => "return")], "roles");
    await app.upload("return", [returns[0]]);
    same((await app.state()).files.length, 11, "the same name");
    expect((await app.get("files")).body.toString().includes(`${path.basename(returns[0])} replaced the one of that name.`), "said");
    await app.upload("auto", [["another plan.xlsx", readFileSync(plan)]]);
    ({ files } = await app.state());
    same(files.filter((file) => file.role === "plan").map((file) => file.state), ["attention", "attention"], "two plans");
    const refused = await app.post("run", { quarter: "2022-23-Q2" });
    same(refused.status, 422, "two plans cannot run");
    expect(refused.body.toString().includes("href=\"#plan-file\""), "a link to the plan");
    await app.post(`files/${files.find((file) => file.name === "another plan.xlsx").id}/remove`);
    await app.run();
    const first = (await app.get("download/consolidated.xlsx")).body;
    await app.upload("auto", [["Consolidated Q2 2022-23.xlsx", first]]);
    same((await app.state()).files.find((file) => file.name.startsWith("Consolidated")).role, "previous", "ours beside a plan");
    await app.post("clear");
    await app.upload("auto", [["Consolidated Q2 2022-23.xlsx", first]]);
    same((await app.state()).files[0].role, "plan", "ours is the plan");
    await app.upload("return", [["~$kfrs.xlsx", Buffer.from("x")], [".hidden.xlsx", Buffer.from("x")], ["Thumbs.db", Buffer.from("x")], ["old.before.xlsx", Buffer.from("x")], ["copy.xlsx", first]]);
    same((await app.state()).files.length, 1, "left out");
    const said = (await app.get("files")).body.toString();
    expect(said.includes("~$kfrs.xlsx was left out: it is Excel's lock file, and shows that somebody has the workbook open."), "said of the lock file");
    for (const name of [".hidden.xlsx", "Thumbs.db", "old.before.xlsx", "copy.xlsx"]) expect(said.includes(`${name} was left out`), name);
    await app.stop();
  },

  async "statements, tidy data, feedback and the public version are the command line's"() {
    const app = await fresh();
    await app.upload("plan", [plan]);
    await app.upload("return", returns);
    await app.run();
    const page = await chrome.newPage();
    await page.goto(`${app.origin}/${app.key}/downloads`);
    const offered = await page.$$eval("a[data-download]", (all) => all.map((link) => link.dataset.download));
    for (const name of ["consolidated.xlsx", "export.zip", "feedback.zip", "statement/CRG.xlsx", "statement/CRG.html"]) expect(offered.includes(name), `${name} is offered: ${offered}`);
    for (const name of offered) same((await app.get(`download/${name}`)).status, 200, name);
    await page.goto(`${app.origin}/${app.key}/publish`);
    same(await page.locator("#published").count(), 0, "nothing is made before it is said what is out");
    await page.getByRole("button", { name: "Make the public version" }).click();
    expect(await page.locator("#error-summary").count(), "what is out has to be said");
    await page.getByLabel("Nothing has been published before").check();
    await page.getByRole("button", { name: "Make the public version" }).click();
    await page.locator("#published[data-written=yes][data-current=yes]").waitFor();
    const first = (await app.get("download/public.zip")).body;
    const folder = mkdtempSync(path.join(os.tmpdir(), "csp-bridge-public-"));
    try {
      mkdirSync(path.join(folder, "returns"));
      cpSync(plan, path.join(folder, path.basename(plan)));
      for (const file of returns) cpSync(file, path.join(folder, "returns", path.basename(file)));
      const words = (text) => [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((found) => found[1] ?? found[2]).slice(1);
      const run = (args) => { try { execFileSync(bin, args, { cwd: folder, stdio: "ignore" }); } catch (error) { same(error.status, 1, args.join(" ")); } };
      run(words(await page.textContent("#publish-command")));
      writeFileSync(path.join(folder, "page.zip"), first);
      execFileSync("python3", ["-m", "zipfile", "-e", "page.zip", "page"], { cwd: folder });
      const made = readdirSync(path.join(folder, "public")).sort();
      expect(made.length > 5, `files: ${made}`);
      same(readdirSync(path.join(folder, "page")).sort(), made, "the same files");
      for (const name of made) expect(readFileSync(path.join(folder, "page", name)).equals(readFileSync(path.join(folder, "public", name))), name);
      const saved = "Consolidated Q2 2022-23.xlsx";
      writeFileSync(path.join(folder, saved), (await app.get("download/consolidated.xlsx")).body);
      run(["statement", saved, "--as-of", "2022-10-20", "-o", "statements"]);
      for (const name of readdirSync(path.join(folder, "statements"))) expect((await app.get(`download/statement/${encodeURIComponent(name)}`)).body.equals(readFileSync(path.join(folder, "statements", name))), name);
    } finally {
      rmSync(folder, { recursive: true });
    }
    // A withheld text is settled, the version made again, and what was out is known the next time.
    const withheld = page.locator("#withheld ~ section[data-decision]").first();
    const id = await withheld.getAttribute("data-decision");
    const shown = (await withheld.locator(".found").textContent()).slice(1, 40);
    await withheld.getByLabel("Accept", { exact: true }).check();
    await page.fill(`#reason-${id}`, "Nobody can be told from it.");
    await page.fill(`#role-${id}`, "Chair");
    await withheld.getByRole("button", { name: "Save" }).click();
    same(await page.getAttribute("#published", "data-current"), "no", "it is of what was decided before");
    same((await app.get("download/public.zip")).status, 404, "and cannot be saved");
    await page.getByRole("button", { name: "Make it again" }).click();
    await page.locator("#published[data-current=yes]").waitFor();
    const again = (await app.get("download/public.zip")).body;
    expect(!again.equals(first), "the text is out");
    same(await page.getAttribute(`#d-${id}`, "data-standing").catch(() => null) === "open", false, `settled: ${shown}`);
    await page.setInputFiles("#earlier-files", { name: "out.zip", mimeType: "application/zip", buffer: again });
    await page.getByRole("button", { name: "Make the public version" }).click();
    await page.locator("#published[data-current=yes]").waitFor();
    expect((await page.textContent("#published")).includes("Made beside what is out"), "beside what is out");
    // A day of receipt is kept, and told.
    await page.goto(`${app.origin}/${app.key}/files`);
    await page.getByText("Days on which returns arrived").click();
    const field = page.locator("input[id^=received-]").first();
    await field.fill("soon");
    await field.press("Enter");
    expect(await page.locator("#error-summary").count(), "no day");
    same(await page.locator("input[id^=received-]").first().inputValue(), "soon", "what was typed");
    await page.locator("input[id^=received-]").first().fill("12/10/2022");
    await page.locator("input[id^=received-]").first().press("Enter");
    expect((await app.state()).changed, "it counts in the next run");
    await app.run();
    expect((await app.get("download/decisions.toml")).body.toString().includes("2022-10-12"), "it is in what is kept");
    await page.close();
    await app.stop();
  },

  async "two tabs see one session"() {
    const app = await fresh();
    await app.upload("plan", [plan]);
    await app.upload("return", returns);
    await app.run();
    const id = /data-decision="([^"]+)" data-about="Held row"/.exec((await app.get("decisions")).body.toString())[1];
    const decide = (decision, more = {}) => app.post(`decisions/${id}`, { decision, reason: "Because", role: "Chair", ...more });
    same((await decide("Reject")).status, 303, "one tab");
    same((await decide("Accept", { back: "finding", until: "31 March 2099" })).headers.location, `/${app.key}/results/${id}`, "the other");
    same((await app.state()).decisions.taken, 1, "the last one counts");
    const toml = (await app.get("download/decisions.toml")).body.toString();
    expect(/decision = "Accept"/.test(toml) && /until = 2099-03-31/.test(toml) && toml.includes(`finding = "${id}"`), toml);
    await app.post("clear");
    await app.upload("decisions", [["decisions.toml", Buffer.from(toml)]]);
    same((await app.state()).decisions.taken, 1, "read back");
    same((await app.get("download/decisions.toml")).body.toString(), toml, "the same again");
    await app.stop();
  },

  async "what cannot be used is never kept"() {
    const app = await fresh();
    await app.upload("plan", [plan]);
    await app.upload("return", returns);
    await app.run();
    const page = (await app.get("decisions")).body.toString();
    const of = (about) => new RegExp(`data-decision="([^"]+)" data-about="${about}"`).exec(page)[1];
    for (const [about, form, words] of [
      ["Value", { decision: "Accept", reason: "r", role: "r" }, "has to give"], ["Value", { decision: "Accept", read_as: "many", reason: "r", role: "r" }, "“many”"],
      ["Unknown line", { decision: "Accept", read_as: "CRG-99", reason: "r", role: "r" }, "no funding line"], ["Held row", { decision: "Accept", role: "r" }, "reason"],
      ["Held row", { decision: "Reject", until: "soon" }, "no day"], ["Held row", { decision: "Maybe" }, "one of the decisions"],
    ]) {
      const answer = await app.post(`decisions/${of(about)}`, form);
      same(answer.status, 422, `${about} ${JSON.stringify(form)}`);
      expect(answer.body.toString().includes(words) && answer.body.toString().includes("id=\"error-summary\""), `${about}: ${words}`);
      if (form.read_as) expect(answer.body.toString().includes(form.read_as), "what was typed");
    }
    same((await app.state()).decisions.taken, 0, "nothing kept");
    same((await app.post("decisions/nothing", { decision: "Reject" })).status, 404, "no such question");
    same((await app.get("results/nothing")).status, 404, "no such finding");
    await app.stop();
  },

  async "a run cancelled, and one after it"() {
    const app = await fresh();
    await app.upload("plan", [plan]);
    // As many rows as take seconds, so that there is time to find the button on any machine.
    const rows = Array.from({ length: 300_000 }, (_, i) => `SAC-${i},"Progress ${i}",On track`).join("\n");
    await app.upload("return", [["kent-police-q2-2022-23.csv", Buffer.from(`Partner,Kent Police\nQuarter,Q2 2022-23\n\nRef,Progress this quarter,Status\n${rows}\n`)]]);
    await app.post("run", { quarter: "2022-23-Q2", as_of: "20/10/2022" });
    const page = await chrome.newPage();
    await page.goto(`${app.origin}/${app.key}/run`);
    if (await page.locator("#progress").count()) {
      const from = Date.now();
      await app.state();
      expect(Date.now() - from < 500, "the state at once");
      await page.getByRole("button", { name: "Cancel" }).click();
      same((await app.state()).run.state, "cancelled", "cancelled");
      same(new URL(page.url()).pathname, `/${app.key}/files`, "back to the files");
    } else {
      console.log("      the run was over before it could be cancelled");
    }
    await page.close();
    await app.post(`files/${(await app.state()).files.find((file) => file.role === "return").id}/remove`);
    await app.upload("return", returns);
    same((await app.run()).state, "done", "the next run");
    await app.stop();
  },

  async "before the first run, and filters"() {
    const app = await fresh();
    for (const page of ["results", "decisions", "money", "downloads"]) {
      const answer = await app.get(page);
      expect(answer.status === 200 && answer.body.toString().includes("id=\"nothing-yet\""), page);
    }
    same((await app.get("download/consolidated.xlsx")).status, 404, "nothing run");
    same((await app.get("download/decisions.toml")).status, 200, "at any time");
    await app.upload("plan", [plan]);
    await app.upload("return", returns);
    await app.run();
    const shown = async (query) => {
      const page = (await app.get(`results?${query}`)).body.toString();
      const said = /data-shown="(\d+)" data-total="(\d+)"/.exec(page);
      same(String((page.match(/data-finding=/g) ?? []).length), said[1], query);
      return said[1];
    };
    same(await shown("severity=information"), "1", "severity");
    same(await shown("partner=KP"), "3", "partner");
    same(await shown("code=C202"), "1", "code");
    same(await shown("words=CRG-09"), "1", "words");
    same(await shown("standing=accepted"), "0", "standing");
    same(await shown("severity=error&partner=KP&page=9"), "3", "two at once");
    await app.stop();
  },

  async "ten runs keep to their memory"() {
    const app = await fresh();
    await app.upload("plan", [plan]);
    await app.upload("return", returns);
    const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${app.child.pid}/status`, "utf8"))[1]) * 1024;
    let second = 0;
    for (let i = 1; i <= 10; i += 1) {
      same((await app.run()).state, "done", `run ${i}`);
      await app.get("download/all.zip");
      if (i === 2) second = memory();
    }
    const tenth = memory();
    console.log(`      ${(second / 1e6).toFixed(1)} MB after two runs, ${(tenth / 1e6).toFixed(1)} MB after ten`);
    expect(tenth <= second * 1.2 + 20e6, "memory");
    await app.stop();
  },

  async "a page says when the program has stopped"() {
    const app = await fresh();
    const page = await chrome.newPage();
    await page.goto(`${app.origin}/${app.key}/files`);
    app.child.kill("SIGKILL");
    await page.waitForSelector("#stopped", { timeout: 40_000 });
    expect((await page.textContent("#stopped")).startsWith("csp-bridge has stopped. Nothing on this page works any more."), "the words");
    await page.close();
    await app.stop();
    await wait(10);
  },
});
await chrome.close();
