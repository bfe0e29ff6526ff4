// A person's whole way through the workbench, without any help of the extension API: reads a finding, repairs one, silences
// one, has one repaired on saving; does so in a notebook; lets a model propose a change, applies it, and cancels a question.
// Started with one argument: {url, browser, modules, shots} as JSON. Prints what was seen as JSON.

import { walk } from "./page.mjs";

const CODE = "parameters-not-called";
const MARK = ".editor-group-container.active .view-overlays .squiggly-error";
const CELL_MARK = ".notebookOverlay .view-overlays .squiggly-error";
const LINES = ".editor-group-container.active .view-lines";
const MENU = ".action-widget .monaco-list-row";
const MESSAGE = ".notification-list-item";

await walk(async (page, hands, seen) => {
  const files = ".explorer-folders-view"; // takes room that the pictures need
  await hands.until(() => page.keyboard.press("Control+B"), files, undefined, "hidden");

  async function repair(mark) {
    await hands.until(async () => {
      await page.keyboard.press("Escape"); // a hover may lie over the mark
      await page.mouse.click(...(await hands.middle(mark)));
      await page.mouse.move(5, 5);
      await page.keyboard.press("Control+.");
    }, `${MENU}.focused`, CODE);
  }
  async function save() {
    await hands.see(".tab.active.dirty");
    await hands.until(() => page.keyboard.press("Control+S"), ".tab.active:not(.dirty)");
  }
  const messages = () =>
    page.locator(".notifications-center").isVisible().then((open) => open || hands.click("#status\\.notifications"));

  // a file: hover, quick fix, a comment that silences, a repair on saving
  await hands.open("train it.py");
  await hands.see(MARK);
  await hands.shot("findings");
  await hands.until(async () => {
    await page.mouse.move(5, 5);
    await page.mouse.move(...(await hands.middle(MARK)), { steps: 5 });
  }, ".monaco-hover .hover-contents", "Trade-offs");
  await hands.shot("hover");
  await repair(MARK);
  await hands.shot("menu");
  await page.keyboard.press("Enter");
  await hands.see(LINES, "model.parameters(), lr=0.1)");
  await repair(MARK);
  await hands.click(MENU, `ignore ${CODE}`);
  await hands.see(LINES, `ml-architect: ignore[${CODE}]`);
  await hands.shot("suppressed");
  await save();
  await hands.see(LINES, "model.parameters(), lr=0.001)");
  await hands.gone(MARK);
  await hands.shot("saved");

  // a notebook
  await hands.open("look at it.ipynb");
  await hands.see(CELL_MARK);
  await hands.shot("notebook");
  await repair(CELL_MARK);
  await page.keyboard.press("Enter");
  await hands.see(".notebookOverlay .view-lines", "model.parameters(), lr=0.1)");
  await hands.gone(CELL_MARK);
  await save();

  // the architect, at a scripted model on this machine: a change that is applied, and a question that is cancelled
  await hands.open("loop.py");
  await hands.see(MARK);
  await hands.run("ml-architect: Fix with the Architect");
  await hands.see(".monaco-diff-editor .line-insert");
  await hands.until(messages, MESSAGE, "the change repairs the finding");
  await hands.shot("preview");
  await hands.click(`${MESSAGE} .monaco-button`, "Apply");
  await hands.gone(".monaco-diff-editor");
  await hands.see(LINES, "optimizer.zero_grad()");
  await save();
  await hands.open("other loop.py");
  await hands.see(MARK);
  await hands.run("ml-architect: Explain with the Architect");
  await hands.until(messages, MESSAGE, "characters");
  await hands.shot("progress");
  await hands.click(`${MESSAGE} .monaco-button`, "Cancel");
  await hands.gone(MESSAGE, "characters");
  seen.tabs = await page.locator(".tab").allInnerTexts();
});
