/** A workspace with two folders: each has settings and an environment of its own, and a change touches one only. */

import * as assert from "node:assert";
import * as vscode from "vscode";
import { codes, environment, until } from "./hands.js";

const CALL = "parameters-not-called";
const OLD = "deprecated-symbol"; // of the environment in folder one, not yet of that in folder two

/** Milliseconds; VS Code gathers for 50 what it tells of changed marks. */
const QUIET = 1000;

export function folders(): void {
  suite("folders", () => {
    let one: vscode.TextDocument;
    let two: vscode.TextDocument;
    const changed: string[] = [];

    suiteSetup(async () => {
      one = await shown(0, vscode.ViewColumn.One);
      two = await shown(1, vscode.ViewColumn.Two);
      await found(one, OLD);
      await found(two, CALL);
      vscode.languages.onDidChangeDiagnostics((event) => changed.push(...event.uris.map(String)));
    });
    setup(quiet);

    test("another setting of one folder leaves the other one alone", async () => {
      await vscode.workspace
        .getConfiguration("ml-architect", one.uri)
        .update("ignore", [OLD], vscode.ConfigurationTarget.WorkspaceFolder);
      await found(one, CALL);
      await told(one, two);
      await quiet();
      await vscode.workspace
        .getConfiguration("ml-architect", two.uri)
        .update("ignore", [CALL], vscode.ConfigurationTarget.WorkspaceFolder);
      await found(two);
      await told(two, one);
      assert.deepStrictEqual(codes(one), [CALL]);
    });

    test("another environment of one folder leaves the other one alone", async () => {
      await vscode.commands.executeCommand("ml-architect-tests.choose", environment("NEWER_PYTHON"), "two");
      await found(two, OLD);
      await told(two, one);
    });

    test("the setting of one folder names its environment, from the folder on", async () => {
      const section = vscode.workspace.getConfiguration("ml-architect", one.uri);
      await section.update("ignore", [], vscode.ConfigurationTarget.WorkspaceFolder);
      await found(one, CALL, OLD);
      const older = "${workspaceFolder}/../2.1.0";
      await section.update("interpreter", older, vscode.ConfigurationTarget.WorkspaceFolder);
      await found(one, CALL);
    });

    /** Wait until VS Code has told that marks of `document` have changed; it must not have told it of `other`. */
    async function told(document: vscode.TextDocument, other: vscode.TextDocument): Promise<void> {
      await until("the change to be told", () => changed.includes(String(document.uri)));
      assert.ok(!changed.includes(String(other.uri)), changed.join("; "));
    }

    /** Wait until all is told that has happened so far, and forget it. */
    async function quiet(): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, QUIET));
      changed.splice(0);
    }
  });
}

async function shown(number: number, column: vscode.ViewColumn): Promise<vscode.TextDocument> {
  const folder = vscode.workspace.workspaceFolders?.[number];
  assert.ok(folder);
  const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder.uri, "train.py"));
  await vscode.window.showTextDocument(document, column);
  return document;
}

/** Wait until exactly this is found in a document. */
async function found(document: vscode.TextDocument, ...expected: string[]): Promise<void> {
  const wanted = JSON.stringify(expected);
  await until(`${wanted} in ${document.uri.path}`, () => JSON.stringify(codes(document)) === wanted);
}
