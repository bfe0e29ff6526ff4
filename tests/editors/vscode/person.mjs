// A person's way through the browser, without any help of the extension API: finds a file, sees a finding, asks the
// architect, reads what would be sent, and does not send it.
// Started with one argument: {url, browser, modules, shots} as JSON. Prints what was seen as JSON.

import { createRequire } from "node:module";
import { join } from "node:path";

const { url, browser: executablePath, modules, shots } = JSON.parse(process.argv[2]);
const { chromium } = createRequire(join(modules, "x.js"))("playwright-core");
const ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

const browser = await chromium.launch({ executablePath, args: [...ARGS, "--disable-component-update", "--disable-sync"] });
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
page.setDefaultTimeout(30000);
const requests = new Set();
page.on("request", (request) => {
  const { protocol, hostname } = new URL(request.url());
  if (protocol.startsWith("http") || protocol.startsWith("ws")) {
    requests.add(hostname);
  }
});

async function choose(shortcut, text) {
  await page.keyboard.press(shortcut);
  const input = page.locator(".quick-input-widget input").first();
  await input.waitFor({ state: "visible" });
  await input.fill(text);
  await page.locator(".quick-input-list .monaco-list-row").first().waitFor({ state: "visible" });
  await page.waitForTimeout(300);
  await page.keyboard.press("Enter");
}

const seen = {};
try {
  await page.goto(url);
  await page.locator(".monaco-workbench .explorer-folders-view .monaco-list-row").first().waitFor({ state: "visible" });
  await choose("Control+P", "loop.py");
  await page.locator(".view-overlays .squiggly-error").first().waitFor({ state: "visible" });
  await choose("F1", ">ml-architect: Fix with the Architect");
  const dialog = page.locator(".monaco-dialog-box");
  await dialog.waitFor({ state: "visible" });
  seen.dialog = await dialog.innerText();
  await page.screenshot({ path: join(shots, "consent.png") });
  await dialog.locator(".monaco-button").filter({ hasText: "Show what would be sent" }).first().click();
  const prompt = page.locator(".tab").filter({ hasText: "what would be sent.txt" });
  await prompt.waitFor({ state: "visible" });
  const toast = page.locator(".notification-list-item").filter({ hasText: "may code around your findings be sent" });
  await page.waitForTimeout(500);
  await page.locator("#status\\.notifications").click(); // this build shows no toasts, only the list
  await page.mouse.move(600, 400); // away from the bell, whose tip lies over the buttons
  await toast.first().waitFor({ state: "visible" });
  await page.screenshot({ path: join(shots, "prompt.png") });
  await toast.locator(".monaco-button").filter({ hasText: "Cancel" }).first().click();
  await toast.first().waitFor({ state: "detached" });
  seen.tabs = await page.locator(".tab").allInnerTexts();
} catch (error) {
  seen.error = String(error);
  await page.screenshot({ path: join(shots, "failed.png") });
}
seen.hosts = [...requests];
console.log(JSON.stringify(seen));
await browser.close();
process.exit(seen.error ? 1 : 0);
