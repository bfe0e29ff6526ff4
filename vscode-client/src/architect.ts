/** Asking a model: with progress that can be cancelled, after consent, and with a diff before anything is changed. */

import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { agrees, type Papers, withProgress } from "./pages.js";
import { type Answer, Apply, Ask, Discard, Prompt, type Proposal, Status, type Task, type Wish } from "./protocol.js";
import type { Server } from "./server.js";

const APPLY = "Apply";
const DISCARD = "Discard";
const WHY = "Why?";

export class Architect implements vscode.Disposable {
  private readonly open = new Map<string, (apply: boolean) => void>();
  private readonly tabs: vscode.Disposable;

  constructor(
    private readonly server: Server,
    private readonly papers: Papers,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.tabs = vscode.window.tabGroups.onDidChangeTabs((event) => {
      for (const tab of event.closed) {
        if (tab.input instanceof vscode.TabInputTextDiff) {
          this.decide(tab.input.modified, false);
        }
      }
    });
  }

  dispose(): void {
    this.tabs.dispose();
  }

  /** Ask about a finding, and show how it ended. */
  async ask(wish: Wish, task: Task): Promise<void> {
    const client = this.server.wanted();
    if (client === undefined) {
      return;
    }
    let answer = await this.send(client, wish, task, false);
    if (answer?.consent !== undefined) {
      answer = (await agrees(answer.consent, () => this.showPrompt(wish, task)))
        ? await this.send(client, wish, task, true)
        : undefined;
    }
    if (answer !== undefined) {
      await this.present(client, wish, answer);
    }
  }

  /** Show exactly what would be sent for a wish; nothing is sent. */
  async showPrompt(wish: Wish, task: Task): Promise<void> {
    const prompt = await this.server.wanted()?.sendRequest(Prompt, { ...wish, task });
    if (prompt) {
      await this.papers.show("what would be sent.txt", prompt.text);
    }
  }

  /** Say which model is asked, and what was sent and spent in this session. */
  async showStatus(): Promise<void> {
    const uri = vscode.window.activeTextEditor?.document.uri.toString() ?? "";
    const status = await this.server.wanted()?.sendRequest(Status, { uri });
    if (status) {
      const model = status.model === null ? status.problem : `${status.model} at ${status.host}`;
      void vscode.window.showInformationMessage(`ml-architect: ${[model, status.ledger].filter(Boolean).join("; ")}`);
    }
  }

  /** End the preview with this document: make the change, or forget it. */
  decide(uri: vscode.Uri | undefined, apply: boolean): void {
    this.open.get(uri?.toString() ?? "")?.(apply);
  }

  private async send(client: LanguageClient, wish: Wish, task: Task, consent: boolean): Promise<Answer | undefined> {
    const title = `ml-architect: ${task === "fix" ? "asking for a repair" : "asking for an explanation"}`;
    try {
      return await withProgress(client, Ask, { ...wish, task, consent }, title);
    } catch (error) {
      this.log.error(`asking a model: ${String(error)}`);
      return { state: "failed", message: "the question could not be asked, see the log" };
    }
  }

  private async present(client: LanguageClient, wish: Wish, answer: Answer): Promise<void> {
    if (answer.proposal !== undefined) {
      await this.preview(client, wish, answer, answer.proposal);
    } else if (answer.explanation) {
      await this.papers.showMarkdown("explanation.md", answer.explanation);
    } else {
      await this.complain(client, wish, answer.message);
    }
  }

  private async complain(client: LanguageClient, wish: Wish, message: string): Promise<void> {
    const status = await client.sendRequest(Status, { uri: wish.uri });
    const remedies = status?.available === false ? ["Choose model"] : ["Show log"];
    const choice = await vscode.window.showWarningMessage(`ml-architect: ${message}`, ...remedies);
    if (choice === "Choose model") {
      await vscode.commands.executeCommand("ml-architect.chooseModel");
    } else if (choice === "Show log") {
      this.log.show();
    }
  }

  /** Show a change beside the document; the message, the diff editor's buttons or its closing decide about it. */
  private async preview(client: LanguageClient, wish: Wish, answer: Answer, proposal: Proposal): Promise<void> {
    const document = vscode.Uri.parse(wish.uri);
    const name = document.path.split("/").pop() ?? "";
    const changed = this.papers.write(`${proposal.id}/${name}`, proposal.text);
    const decided = new Promise<boolean>((resolve) => this.open.set(changed.toString(), resolve));
    await vscode.commands.executeCommand("vscode.diff", document, changed, `${name}: ${proposal.title}`);
    void this.question(answer).then((apply) => apply !== undefined && this.decide(changed, apply));
    const apply = await decided;
    this.open.delete(changed.toString());
    await closeTab(changed);
    this.papers.forget(changed);
    if (!apply) {
      await client.sendRequest(Discard, { id: proposal.id });
      return;
    }
    const result = await client.sendRequest(Apply, { id: proposal.id });
    if (!result?.applied) {
      void vscode.window.showWarningMessage(`ml-architect: ${result?.reason || "the change was not applied"}`);
    }
  }

  private async question(answer: Answer): Promise<boolean | undefined> {
    const warnings = answer.proposal?.also.length
      ? vscode.window.showWarningMessage
      : vscode.window.showInformationMessage;
    const more = answer.explanation ? [WHY] : [];
    const choice = await warnings<string>(`ml-architect: ${answer.message}`, APPLY, DISCARD, ...more);
    if (choice === WHY && answer.explanation) {
      await this.papers.showMarkdown("explanation.md", answer.explanation);
    }
    return choice === APPLY || choice === DISCARD ? choice === APPLY : undefined;
  }
}

async function closeTab(modified: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const shown = tabs.filter(
    (tab) => tab.input instanceof vscode.TabInputTextDiff && tab.input.modified.toString() === modified.toString(),
  );
  await vscode.window.tabGroups.close(shown);
}
