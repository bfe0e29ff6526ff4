/** What needs no model: findings, hover, repairs, suppression, settings, restart. */

import * as assert from "node:assert";
import * as vscode from "vscode";
import {
  actions,
  close,
  codes,
  explained,
  finding,
  holds,
  marks,
  message,
  open,
  press,
  rewrite,
  see,
  select,
  shot,
  until,
} from "./hands.js";

const CODE = "parameters-not-called";
const TEXT = `import torch
from torch import nn

face, model = "😀", nn.Linear(4, 2)
face, optimizer = "😀", torch.optim.SGD(model.parameters, lr=0.1)
slower = torch.optim.SGD(model.parameters, lr=0.01)
`;
const LOOP = `import torch

model = torch.nn.Linear(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for inputs, targets in batches:
    optimizer.zero_grad()
    torch.nn.functional.mse_loss(model(inputs), targets).backward()
    torch.nn.utils.clip_grad_norm_(model.parameters, 1.0)
    optimizer.step()
`;

export function editing(): void {
  suite("editing", () => {
    let editor: vscode.TextEditor;
    setup(async () => {
      editor = await open("train it.py");
      await rewrite(editor, TEXT);
      await until("two findings", () => marks(editor.document, CODE).length === 2);
    });

    test("the extension is the installed one and starts with the first Python file", () => {
      const extension = vscode.extensions.getExtension("ml-architect.ml-architect");
      assert.ok(extension?.isActive);
      assert.match(extension.extensionPath, /ml-architect\.ml-architect-0\.1\.0/);
    });

    test("findings stand at their places, with a page and severity", async () => {
      const first = await finding(editor.document, CODE);
      assert.strictEqual(first.range.start.line, 4);
      assert.strictEqual(editor.document.getText(first.range), "model.parameters");
      assert.strictEqual(first.severity, vscode.DiagnosticSeverity.Error);
      assert.ok(typeof first.code === "object" && first.code.target.path.endsWith(`${CODE}.md`));
      await see(".view-overlays .squiggly-error", "");
      await shot("findings");
    });

    test("a hover explains a finding and is silent elsewhere", async () => {
      const place = (await finding(editor.document, CODE)).range.start;
      const texts = await until("a hover", async () => {
        const all = await explained(editor.document, place);
        return all.length > 0 && all.join("\n");
      });
      assert.match(texts, /parameters/);
      assert.match(texts, new RegExp(CODE));
      assert.deepStrictEqual(await explained(editor.document, new vscode.Position(0, 0)), []);
    });

    test("a quick fix is offered as preferred, and applied", async () => {
      const { range } = await finding(editor.document, CODE);
      const preferred = await until("a preferred quick fix", async () => {
        const offered = await actions(editor.document, range, vscode.CodeActionKind.QuickFix);
        return offered.some((each) => each.isPreferred) && offered.filter((each) => each.isPreferred);
      });
      assert.strictEqual(preferred.length, 1);
      assert.ok(preferred[0]?.edit);
      assert.ok(await vscode.workspace.applyEdit(preferred[0].edit));
      await holds(editor.document, TEXT.replace("parameters", "parameters()"));
      await until("one finding", () => codes(editor.document).length === 1);
      await vscode.commands.executeCommand("undo");
      await holds(editor.document, TEXT);
      await until("two findings again", () => codes(editor.document).length === 2);
    });

    test("a finding is silenced by a comment", async () => {
      const { range } = await finding(editor.document, CODE);
      const edit = await until("a comment is offered", async () => {
        const offered = await actions(editor.document, range, vscode.CodeActionKind.QuickFix);
        return offered.find((each) => each.title.includes(`ignore ${CODE}`))?.edit;
      });
      assert.ok(await vscode.workspace.applyEdit(edit));
      await until("the comment", () => /ml-architect: ignore\[/.test(editor.document.lineAt(4).text));
      await until("one finding", () => codes(editor.document).length === 1);
    });

    test("the command fixes all that is safe to fix", async () => {
      await vscode.commands.executeCommand("ml-architect.fixAll");
      await holds(editor.document, TEXT.replaceAll("parameters", "parameters()"));
      await until("no finding", () => codes(editor.document).length === 0);
    });

    test("fix on save changes the file on disk", async () => {
      const section = vscode.workspace.getConfiguration("editor", editor.document.uri);
      const wish = { "source.fixAll.ml-architect": "explicit" };
      await section.update("codeActionsOnSave", wish, vscode.ConfigurationTarget.Workspace);
      await vscode.commands.executeCommand("workbench.action.files.save");
      await until("the repairs on disk", async () => {
        const written = await vscode.workspace.fs.readFile(editor.document.uri);
        return Buffer.from(written).toString() === TEXT.replaceAll("parameters", "parameters()");
      });
      await section.update("codeActionsOnSave", undefined, vscode.ConfigurationTarget.Workspace);
    });

    test("settings and pyproject.toml hold at once, without a restart", async () => {
      const section = vscode.workspace.getConfiguration("ml-architect");
      await section.update("ignore", [CODE], vscode.ConfigurationTarget.Workspace);
      await until("silence by the setting", () => codes(editor.document).length === 0);
      await section.update("ignore", undefined, vscode.ConfigurationTarget.Workspace);
      await until("findings", () => codes(editor.document).length === 2);
      await section.update("enable", false, vscode.ConfigurationTarget.Workspace);
      await until("silence since all is off", () => codes(editor.document).length === 0);
      await section.update("enable", undefined, vscode.ConfigurationTarget.Workspace);
      await until("findings", () => codes(editor.document).length === 2);
      const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
      assert.ok(folder);
      const project = vscode.Uri.joinPath(folder, "pyproject.toml");
      const before = await vscode.workspace.fs.readFile(project);
      const more = `${Buffer.from(before)}\n[tool.ml-architect]\nignore = ["${CODE}"]\n`;
      await vscode.workspace.fs.writeFile(project, Buffer.from(more));
      await until("silence by the project", () => codes(editor.document).length === 0);
      await vscode.workspace.fs.writeFile(project, before);
      await until("findings", () => codes(editor.document).length === 2);
    });

    test("a training loop says how many findings are in it, if that is wanted", async () => {
      const section = vscode.workspace.getConfiguration("ml-architect");
      await rewrite(editor, LOOP);
      await until("one finding", () => codes(editor.document).length === 1);
      assert.deepStrictEqual(await lenses(editor.document), []);
      await section.update("codeLens", true, vscode.ConfigurationTarget.Workspace);
      await until("a lens", async () => (await lenses(editor.document)).some((title) => title.includes("finding")));
      await section.update("codeLens", undefined, vscode.ConfigurationTarget.Workspace);
      await until("no lens", async () => (await lenses(editor.document)).length === 0);
    });

    test("the server is restarted without losing what is open", async () => {
      await vscode.commands.executeCommand("ml-architect.restart");
      await until("findings", () => codes(editor.document).length === 2);
      const { range } = await finding(editor.document, CODE);
      await until("actions", async () => (await actions(editor.document, range)).length > 2);
    });

    test("the page of a rule is opened", async () => {
      const { range } = await finding(editor.document, CODE);
      await select(editor, range.start);
      await vscode.commands.executeCommand("ml-architect.explainRule");
      await close("the preview", (tab) => tab.input instanceof vscode.TabInputWebview && tab.label.includes(CODE));
    });

    test("every command of the palette is there", async () => {
      const known = await vscode.commands.getCommands(true);
      const contributed = vscode.extensions.getExtension("ml-architect.ml-architect")?.packageJSON.contributes.commands;
      const names = (contributed as { command: string }[]).map((each) => each.command);
      assert.ok(names.length > 10);
      assert.deepStrictEqual(
        names.filter((name) => !known.includes(name)),
        [],
      );
    });

    test("without a model, asking says how to choose one", async () => {
      const { range } = await finding(editor.document, CODE);
      await select(editor, range.start);
      const asking = vscode.commands.executeCommand("ml-architect.explainFinding");
      await message("no model is chosen");
      await shot("no-model");
      await press("Choose model");
      await see(".quick-input-widget", "choose the model");
      await vscode.commands.executeCommand("workbench.action.closeQuickOpen");
      await asking;
    });
  });
}

async function lenses(document: vscode.TextDocument): Promise<string[]> {
  const found = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    "vscode.executeCodeLensProvider",
    document.uri,
    20,
  );
  return found.map((lens) => lens.command?.title ?? "");
}
