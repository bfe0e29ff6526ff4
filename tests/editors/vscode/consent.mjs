// A person asks the architect at a hosted model, reads what would be sent, and does not send it.
// Started with one argument: {url, browser, modules, shots} as JSON. Prints what was seen as JSON.

import { walk } from "./page.mjs";

await walk(async (page, hands, seen) => {
  await hands.open("loop.py");
  await hands.see(".view-overlays .squiggly-error");
  await hands.run("ml-architect: Fix with the Architect");
  await hands.see(".monaco-dialog-box");
  seen.dialog = await page.locator(".monaco-dialog-box").innerText();
  await hands.shot("consent");
  await hands.click(".monaco-dialog-box .monaco-button", "Show what would be sent");
  await hands.see(".tab", "what would be sent.txt");
  const toast = page.locator(".notification-list-item").filter({ hasText: "may code around your findings be sent" });
  await hands.until(() => bell(page, hands), ".notification-list-item", "may code around your findings be sent");
  await hands.shot("prompt");
  await toast.locator(".monaco-button").filter({ hasText: "Cancel" }).first().click();
  await toast.first().waitFor({ state: "detached" });
  seen.tabs = await page.locator(".tab").allInnerTexts();
});

/** Look at the list of messages: this build shows no toasts. */
async function bell(page, hands) {
  if (!(await page.locator(".notifications-center").isVisible())) {
    await hands.click("#status\\.notifications");
    await page.mouse.move(500, 300); // away from the bell, whose tip lies over the buttons
  }
}
