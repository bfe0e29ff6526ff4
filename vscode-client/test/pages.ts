/** Reviews, and answers to questions at a model that is scripted on loopback: pages in panels that run no script. */

import * as assert from "node:assert";
import * as vscode from "vscode";
import {
  actions,
  click,
  close,
  environment,
  finding,
  keys,
  message,
  open,
  type Panel,
  panel,
  press,
  read,
  see,
  sees,
  shot,
  tabs,
  type,
  until,
} from "./hands.js";

const CODE = "parameters-not-called";
const SAVING = "save the page as Markdown";
const QUESTION = "Which learning rate should I start with?";

export function pages(): void {
  suite("pages", () => {
    setup(async () => {
      await vscode.commands.executeCommand("notifications.clearAll");
      const editor = await open("train it.py");
      await finding(editor.document, CODE);
    });
    teardown(async () => {
      if (tabs().some(isPage)) {
        await close("the page", isPage);
      }
    });

    test("the review of a file is a page that can be saved as Markdown", async () => {
      await vscode.commands.executeCommand("ml-architect.reviewFile");
      harmless(await panel(CODE));
      await shot("review");
      const target = vscode.Uri.joinPath(folder(), "Review-of-train-it.py.md");
      let saved = false;
      const saving = Promise.resolve(vscode.commands.executeCommand("ml-architect.savePage")).finally(() => {
        saved = true;
      });
      await until("the end of the dialogue", async () => {
        if (!saved && (await sees(".quick-input-widget", SAVING, 3000))) {
          await keys("Enter"); // which it ignores while it looks at folders
          await new Promise((resolve) => setTimeout(resolve, 1000));
        }
        return saved;
      });
      await saving;
      assert.match(String(await vscode.workspace.fs.readFile(target)), new RegExp(CODE));
    });

    test("the review of the project names its files", async () => {
      await vscode.commands.executeCommand("ml-architect.reviewProject");
      harmless(await panel("train it.py"));
    });

    test("without a model, a question brings the pages that fit, and says why", async () => {
      await (await ask()).ended;
      harmless(await panel(QUESTION));
      await message("no model is chosen");
    });

    test("the answer of a model is a page", async () => {
      await choose("answers");
      await (await ask()).ended;
      const shown = await panel("Start at 0.001");
      harmless(shown);
      await shot("answer");
    });

    test("a model assesses a review only where the user chooses that", async () => {
      await choose("assesses");
      for (const [choice, text] of [
        ["By the rules only", "Review of"],
        ["With an assessment", "The optimizer gets no parameters."],
      ] as const) {
        const reviewing = vscode.commands.executeCommand("ml-architect.reviewFile");
        await see(".quick-input-list .monaco-list-row", "openai/assesses");
        await click(".quick-input-list .monaco-list-row", choice);
        await reviewing;
        const shown = await panel(text);
        assert.strictEqual(shown.text.includes("The optimizer gets no parameters."), choice === "With an assessment");
        await close("the page", isPage);
        await open("train it.py");
      }
    });

    test("a model may ask back, and answers without if the user wants that", async () => {
      await choose("asks");
      const asking = await ask();
      await panel("How many examples are there?");
      await close("the page", isPage);
      await message("something decisive");
      await press("Go on without");
      await panel("Start at 0.001");
      await asking.ended;
    });

    test("cancel ends the question", async () => {
      await choose("waits");
      const asking = await ask();
      await message("characters");
      await press("Cancel");
      await asking.ended;
      await until("no progress", async () =>
        (await read(".notification-list-item")).every((each) => !each.includes("characters")),
      );
      assert.ok(!tabs().some(isPage));
    });
  });
}

const isPage = (tab: vscode.Tab): boolean =>
  tab.input instanceof vscode.TabInputWebview && tab.input.viewType.endsWith("ml-architect.page");

function folder(): vscode.Uri {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(first);
  return first.uri;
}

/** Ask, and return once the question is typed: whoever looks at messages before takes the keys away. */
async function ask(): Promise<{ ended: Thenable<unknown> }> {
  const ended = vscode.commands.executeCommand("ml-architect.askQuestion");
  await type("ml-architect: ask", QUESTION);
  return { ended };
}

/** Choose a model of the scripted endpoint, and wait for the server that knows it: its actions name the model. */
async function choose(model: string): Promise<void> {
  const section = vscode.workspace.getConfiguration("ml-architect.architect");
  await section.update("apiBase", environment("ENDPOINT"), vscode.ConfigurationTarget.Global);
  await section.update("model", `openai/${model}`, vscode.ConfigurationTarget.Global);
  const document = vscode.window.activeTextEditor?.document;
  assert.ok(document);
  await until(`actions with ${model}`, async () => {
    const { range } = await finding(document, CODE);
    return (await actions(document, range)).some((each) => each.title.endsWith(`openai/${model}`));
  });
}

/** Check that a page can do nothing, and looks like the editor around it. */
function harmless(shown: Panel): void {
  assert.doesNotMatch(shown.sandbox, /allow-scripts/);
  assert.match(shown.html, /Content-Security-Policy" content="default-src 'none'/);
  assert.doesNotMatch(shown.html, /<script|<img|<link|<iframe/);
  assert.notStrictEqual(shown.background, "rgba(0, 0, 0, 0)");
}
