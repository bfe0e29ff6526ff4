/** A notebook as VS Code itself opens it: marks, hover and repairs in a cell; magics and other cells stay as they are. */

import * as assert from "node:assert";
import * as vscode from "vscode";
import { actions, codes, explained, finding, holds, see, shot, until } from "./hands.js";

const CODE = "parameters-not-called";
const CALL = "optimizer = torch.optim.SGD(model.parameters, lr=0.1)";
const MAGICS = "%matplotlib inline\n!pip list\n";

export function notebooks(): void {
  suite("notebooks", () => {
    let notebook: vscode.NotebookDocument;
    /** The cells' documents: the first one is Markdown. */
    const cell = (number: number): vscode.TextDocument => notebook.cellAt(number).document;
    const file = async (): Promise<string> => String(await vscode.workspace.fs.readFile(notebook.uri));

    suiteSetup(async () => {
      const [folder] = vscode.workspace.workspaceFolders ?? [];
      assert.ok(folder);
      const uri = vscode.Uri.joinPath(folder.uri, "look at it.ipynb");
      notebook = await vscode.workspace.openNotebookDocument(uri);
      await vscode.window.showNotebookDocument(notebook);
      assert.deepStrictEqual([notebook.notebookType, notebook.cellCount], ["jupyter-notebook", 4]);
    });

    test("a finding stands in its cell, and what it depends on in another one", async () => {
      const found = await finding(cell(2), CODE);
      assert.strictEqual(found.range.start.line, 2);
      assert.deepStrictEqual(
        [1, 3].flatMap((number) => codes(cell(number))),
        [],
      );
      await see(".notebookOverlay .squiggly-error", "");
      await shot("notebook");
    });

    test("a hover explains it there, and is silent on a magic", async () => {
      const { range } = await finding(cell(2), CODE);
      const texts = await until("a hover", async () => {
        const all = await explained(cell(2), range.start);
        return all.length > 0 && all.join("\n");
      });
      assert.match(texts, new RegExp(CODE));
      assert.deepStrictEqual(await explained(cell(2), new vscode.Position(0, 2)), []);
    });

    test("a quick fix changes its cell only", async () => {
      const { range } = await finding(cell(2), CODE);
      const edit = await until("a preferred quick fix", async () => {
        const offered = await actions(cell(2), range, vscode.CodeActionKind.QuickFix);
        return offered.find((each) => each.isPreferred)?.edit;
      });
      const before = [1, 3].map((number) => cell(number).getText());
      assert.ok(await vscode.workspace.applyEdit(edit));
      await holds(cell(2), MAGICS + CALL.replace("parameters", "parameters()"));
      await until("no finding", () => codes(cell(2)).length === 0);
      assert.deepStrictEqual(
        [1, 3].map((number) => cell(number).getText()),
        before,
      );
    });

    test("what is saved has magics, outputs and the other cells as they were", async () => {
      const before = JSON.parse(await file());
      await until("that it is unsaved", () => notebook.isDirty);
      assert.ok(await notebook.save());
      const after = await until("the file", async () => {
        const text = await file();
        return text.includes("model.parameters()") && JSON.parse(text);
      });
      before.cells[2].source = `${MAGICS}${CALL.replace("parameters", "parameters()")}`.split(/(?<=\n)/);
      assert.deepStrictEqual(after.cells, before.cells);
    });

    test("a finding moves with its cell, and goes with it", async () => {
      const wrong = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, CALL, "python");
      await change(notebook, vscode.NotebookEdit.insertCells(4, [wrong]));
      await finding(cell(4), CODE);
      await change(notebook, vscode.NotebookEdit.deleteCells(new vscode.NotebookRange(3, 4)));
      await finding(cell(3), CODE);
      const gone = cell(3);
      await change(notebook, vscode.NotebookEdit.deleteCells(new vscode.NotebookRange(3, 4)));
      await until("no finding of a cell that is gone", () => codes(gone).length === 0);
    });
  });
}

async function change(notebook: vscode.NotebookDocument, ...edits: vscode.NotebookEdit[]): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.set(notebook.uri, edits);
  const wanted = edits.reduce((count, each) => count + each.newCells.length - each.range.end + each.range.start, 0);
  const before = notebook.cellCount;
  assert.ok(await vscode.workspace.applyEdit(edit));
  await until("the cells", () => notebook.cellCount === before + wanted);
}
