/** Asking a model, scripted on loopback: choose it, preview, apply, discard, cancel. */

import * as assert from "node:assert";
import * as vscode from "vscode";
import { actions, environment, finding, message, open, press, rewrite, shot, type, until } from "./hands.js";

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
      editor.selection = new vscode.Selection(range.start, range.start);
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
      const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
      assert.ok(input instanceof vscode.TabInputTextDiff);
      const changed = await vscode.workspace.openTextDocument(input.modified);
      assert.strictEqual(changed.getText(), FIXED);
      assert.strictEqual(editor.document.getText(), TEXT);
      await shot("preview");
      await press("Apply");
      await asking;
      await until("the change", () => editor.document.getText() === FIXED);
      await vscode.window.showTextDocument(editor.document);
      await vscode.commands.executeCommand("undo");
      assert.strictEqual(editor.document.getText(), TEXT);
    });

    test("a repair is applied from the diff editor's own button", async () => {
      const asking = run(editor, "fix with openai/good");
      await until("the diff", () => shownDiff());
      await vscode.commands.executeCommand("ml-architect.applyPreview");
      await asking;
      await until("the change", () => editor.document.getText() === FIXED);
      assert.strictEqual(shownDiff(), undefined);
    });

    test("closing the diff discards the repair", async () => {
      const asking = run(editor, "fix with openai/good");
      await until("the diff", () => shownDiff());
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
      await asking;
      assert.strictEqual(editor.document.getText(), TEXT);
    });

    test("a repair of a text that has changed since is refused", async () => {
      const asking = run(editor, "fix with openai/good");
      await until("the diff", () => shownDiff());
      const edit = new vscode.WorkspaceEdit();
      edit.insert(editor.document.uri, new vscode.Position(0, 0), "# typed since\n");
      assert.ok(await vscode.workspace.applyEdit(edit));
      await vscode.commands.executeCommand("ml-architect.applyPreview");
      await asking;
      await message("the document has changed");
      assert.strictEqual(editor.document.getText(), `# typed since\n${TEXT}`);
    });

    test("an explanation opens as a page", async () => {
      await choose("explains");
      await vscode.commands.executeCommand("ml-architect.explainFinding");
      await until("a page", () =>
        vscode.window.tabGroups.all
          .flatMap((group) => group.tabs)
          .find((tab) => tab.input instanceof vscode.TabInputWebview && tab.label.includes("explanation")),
      );
      const page = vscode.Uri.from({ scheme: "ml-architect", path: "/explanation.md" });
      const text = (await vscode.workspace.openTextDocument(page)).getText();
      assert.match(text, /Clear the gradients after each step/);
      assert.match(text, /openai\/explains/);
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    });

    test("what would be sent is shown, and nothing is sent", async () => {
      await choose("unscripted");
      await vscode.commands.executeCommand("ml-architect.showPrompt");
      const shown = await until("the prompt", () =>
        vscode.window.visibleTextEditors.find((each) => each.document.uri.scheme === "ml-architect"),
      );
      assert.match(shown.document.getText(), /loss\.backward\(\)/);
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    });

    test("cancel ends the call to the provider", async () => {
      await choose("slow");
      const asking = run(editor, "fix with openai/slow");
      await message("characters");
      await shot("progress");
      await press("Cancel");
      await asking;
      assert.strictEqual(editor.document.getText(), TEXT);
      assert.strictEqual(shownDiff(), undefined);
    });

    test("what was sent and spent is told", async () => {
      const telling = vscode.commands.executeCommand("ml-architect.showStatus");
      await message("openai/slow at 127.0.0.1");
      await telling;
    });
  });

  async function choose(model: string): Promise<void> {
    const section = vscode.workspace.getConfiguration("ml-architect.architect");
    await section.update("model", `openai/${model}`, vscode.ConfigurationTarget.Global);
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    await until(`actions with ${model}`, async () =>
      (await offered(editor)).some((each) => each.title.endsWith(`openai/${model}`)),
    );
    const { range } = await finding(editor.document, CODE);
    editor.selection = new vscode.Selection(range.start, range.start);
  }
}

/** Choose an action of the menu at the finding, as VS Code would. */
async function run(editor: vscode.TextEditor, title: string): Promise<unknown> {
  const action = (await offered(editor)).find((each) => each.title.endsWith(title));
  assert.ok(action?.command);
  return vscode.commands.executeCommand(action.command.command, ...(action.command.arguments ?? []));
}

async function offered(editor: vscode.TextEditor): Promise<vscode.CodeAction[]> {
  const { range } = await finding(editor.document, CODE);
  const all = await actions(editor.document, range);
  return all.filter((each) => each.command?.command.startsWith("ml-architect.architect."));
}

function shownDiff(): vscode.Tab | undefined {
  return vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .find((tab) => tab.input instanceof vscode.TabInputTextDiff);
}
