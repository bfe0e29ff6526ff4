/** Asking a model, scripted on loopback: choose it, preview, apply, discard, cancel. */

import * as assert from "node:assert";
import * as vscode from "vscode";
import {
  actions,
  close,
  environment,
  finding,
  holds,
  message,
  open,
  press,
  rewrite,
  select,
  shot,
  shownTab,
  tabs,
  type,
  until,
} from "./hands.js";

const CODE = "missing-zero-grad";
const TEXT = `import torch
from torch import nn


def fit(model, loader):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for inputs, targets in loader:
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
`;
const FIXED = `${TEXT}        optimizer.zero_grad()\n`;

export function architect(): void {
  suite("architect", () => {
    let editor: vscode.TextEditor;
    setup(async () => {
      await vscode.commands.executeCommand("notifications.clearAll");
      editor = await open("loop.py");
      await rewrite(editor, TEXT);
      const { range } = await finding(editor.document, CODE);
      await select(editor, range.start);
    });

    test("a model is chosen, and a key is set that lies in no settings", async () => {
      const choosing = vscode.commands.executeCommand("ml-architect.chooseModel");
      await type("choose the model (1/2)", "openai/good");
      await type("choose the model (2/2)", environment("ENDPOINT"));
      await choosing;
      const setting = vscode.commands.executeCommand("ml-architect.setKey");
      await type("set a key (1/2)", "SCRIPTED_KEY");
      await type("set a key (2/2)", environment("KEY"));
      await setting;
      await vscode.workspace
        .getConfiguration("ml-architect.architect")
        .update("apiKeyEnv", "SCRIPTED_KEY", vscode.ConfigurationTarget.Global);
      assert.strictEqual(JSON.stringify(vscode.workspace.getConfiguration()).includes(environment("KEY")), false);
      await until("the architect's actions", async () => (await offered(editor)).length > 0);
    });

    test("a repair is shown as a diff and applied from the message", async () => {
      const asking = run(editor, "fix with openai/good");
      await message("the change repairs the finding");
      const { input } = await diff();
      assert.ok(input instanceof vscode.TabInputTextDiff);
      await holds(await vscode.workspace.openTextDocument(input.modified), FIXED);
      assert.strictEqual(editor.document.getText(), TEXT);
      await shot("preview");
      await press("Apply");
      await asking;
      await holds(editor.document, FIXED);
      await open("loop.py");
      await vscode.commands.executeCommand("undo");
      await holds(editor.document, TEXT);
    });

    test("a repair is applied from the diff editor's own button", async () => {
      const asking = run(editor, "fix with openai/good");
      await diff();
      await vscode.commands.executeCommand("ml-architect.applyPreview");
      await asking;
      await holds(editor.document, FIXED);
      await noDiff();
    });

    test("closing the diff discards the repair", async () => {
      const asking = run(editor, "fix with openai/good");
      await diff();
      await close("the diff", isDiff);
      await asking;
      assert.strictEqual(editor.document.getText(), TEXT);
    });

    test("a repair of a text that has changed since is refused", async () => {
      const asking = run(editor, "fix with openai/good");
      await diff();
      const edit = new vscode.WorkspaceEdit();
      edit.insert(editor.document.uri, new vscode.Position(0, 0), "# typed since\n");
      assert.ok(await vscode.workspace.applyEdit(edit));
      await holds(editor.document, `# typed since\n${TEXT}`);
      await vscode.commands.executeCommand("ml-architect.applyPreview");
      await asking;
      await message("the document has changed");
      assert.strictEqual(editor.document.getText(), `# typed since\n${TEXT}`);
    });

    test("an explanation opens as a page", async () => {
      await choose(editor, "explains");
      await vscode.commands.executeCommand("ml-architect.explainFinding");
      const isPage = (tab: vscode.Tab) =>
        tab.input instanceof vscode.TabInputWebview && tab.label.includes("explanation");
      await shownTab("a page", isPage);
      const page = vscode.Uri.from({ scheme: "ml-architect", path: "/explanation.md" });
      const text = (await vscode.workspace.openTextDocument(page)).getText();
      assert.match(text, /Clear the gradients after each step/);
      assert.match(text, /openai\/explains/);
      await close("the page", isPage);
    });

    test("what would be sent is shown, and nothing is sent", async () => {
      await choose(editor, "unscripted");
      await vscode.commands.executeCommand("ml-architect.showPrompt");
      await until("the prompt", () =>
        vscode.window.visibleTextEditors.some(
          ({ document }) =>
            document.uri.path === "/what would be sent.txt" && /loss\.backward\(\)/.test(document.getText()),
        ),
      );
      await close("the prompt", (tab) => tab.label === "what would be sent.txt");
    });

    test("cancel ends the call to the provider", async () => {
      await choose(editor, "slow");
      const asking = run(editor, "fix with openai/slow");
      await message("characters");
      await shot("progress");
      await press("Cancel");
      await asking;
      assert.strictEqual(editor.document.getText(), TEXT);
      await noDiff();
    });

    test("what was sent and spent is told", async () => {
      const telling = vscode.commands.executeCommand("ml-architect.showStatus");
      await message("openai/slow at 127.0.0.1");
      await telling;
    });
  });

  async function choose(editor: vscode.TextEditor, model: string): Promise<void> {
    const section = vscode.workspace.getConfiguration("ml-architect.architect");
    await section.update("model", `openai/${model}`, vscode.ConfigurationTarget.Global);
    await until(`actions with ${model}`, async () =>
      (await offered(editor)).some((each) => each.title.endsWith(`openai/${model}`)),
    );
    const { range } = await finding(editor.document, CODE);
    await select(editor, range.start);
  }
}

/** Choose an action of the menu at the finding, as VS Code would. */
async function run(editor: vscode.TextEditor, title: string): Promise<unknown> {
  const command = await until(
    title,
    async () => (await offered(editor)).find((each) => each.title.endsWith(title))?.command,
  );
  return vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
}

async function offered(editor: vscode.TextEditor): Promise<vscode.CodeAction[]> {
  const { range } = await finding(editor.document, CODE);
  const all = await actions(editor.document, range);
  return all.filter((each) => each.command?.command.startsWith("ml-architect.architect."));
}

const isDiff = (tab: vscode.Tab): boolean => tab.input instanceof vscode.TabInputTextDiff;

/** Wait for the diff in front of everything. */
function diff(): Promise<vscode.Tab> {
  return shownTab("the diff", (tab) => isDiff(tab) && tab === vscode.window.tabGroups.activeTabGroup.activeTab);
}

async function noDiff(): Promise<void> {
  await until("no diff", () => !tabs().some(isDiff));
}
