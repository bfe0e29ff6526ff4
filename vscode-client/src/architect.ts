/** Asking a model: with progress that can be cancelled, after consent, and with a diff before anything is changed. */

import * as vscode from "vscode";
import { type LanguageClient, WorkDoneProgress } from "vscode-languageclient/node";
import { type Answer, Apply, Ask, Discard, Prompt, type Proposal, Status, type Task, type Wish } from "./protocol.js";
import type { Server } from "./server.js";

/** Of the documents that exist only to be read. */
const SCHEME = "ml-architect";

const SEND = "Send";
const SHOW_FIRST = "Show what would be sent";
const APPLY = "Apply";
const DISCARD = "Discard";
const WHY = "Why?";

export class Architect implements vscode.Disposable {
  private readonly open = new Map<string, (apply: boolean) => void>();
  private readonly papers = new Papers();
  private readonly tabs: vscode.Disposable;

  constructor(
    private readonly server: Server,
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
    vscode.Disposable.from(this.tabs, this.papers).dispose();
  }

  /** Ask about a finding, and show how it ended. */
  async ask(wish: Wish, task: Task): Promise<void> {
    const client = this.client();
    if (client === undefined) {
      return;
    }
    let answer = await this.send(client, wish, task, false);
    if (answer?.consent !== undefined) {
      answer = (await this.agrees(wish, task, answer.consent)) ? await this.send(client, wish, task, true) : undefined;
    }
    if (answer !== undefined) {
      await this.present(client, wish, answer);
    }
  }

  /** Show exactly what would be sent for a wish; nothing is sent. */
  async showPrompt(wish: Wish, task: Task): Promise<void> {
    const prompt = await this.client()?.sendRequest(Prompt, { ...wish, task });
    if (prompt) {
      await this.papers.show("what would be sent.txt", prompt.text);
    }
  }

  /** Say which model is asked, and what was sent and spent in this session. */
  async showStatus(): Promise<void> {
    const uri = vscode.window.activeTextEditor?.document.uri.toString() ?? "";
    const status = await this.client()?.sendRequest(Status, { uri });
    if (status) {
      const model = status.model === null ? status.problem : `${status.model} at ${status.host}`;
      void vscode.window.showInformationMessage(`ml-architect: ${[model, status.ledger].filter(Boolean).join("; ")}`);
    }
  }

  /** End the preview with this document: make the change, or forget it. */
  decide(uri: vscode.Uri | undefined, apply: boolean): void {
    this.open.get(uri?.toString() ?? "")?.(apply);
  }

  private client(): LanguageClient | undefined {
    if (this.server.running === undefined) {
      void vscode.window.showWarningMessage("ml-architect: the server does not run");
    }
    return this.server.running;
  }

  private async send(client: LanguageClient, wish: Wish, task: Task, consent: boolean): Promise<Answer | undefined> {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: `ml-architect: ${task === "fix" ? "asking for a repair" : "asking for an explanation"}`,
      cancellable: true,
    };
    return vscode.window.withProgress(options, async (progress, token) => {
      const workDoneToken = crypto.randomUUID();
      const listening = client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
        if (value.kind === "report" && value.message !== undefined) {
          progress.report({ message: value.message });
        }
      });
      try {
        return (await client.sendRequest(Ask, { ...wish, task, workDoneToken, consent }, token)) ?? undefined;
      } catch (error) {
        if (!token.isCancellationRequested) {
          this.log.error(`asking a model: ${String(error)}`);
          return { state: "failed", message: "the question could not be asked, see the log" };
        }
        return undefined;
      } finally {
        listening.dispose();
      }
    });
  }

  private async agrees(wish: Wish, task: Task, disclosure: string): Promise<boolean> {
    const choice = await vscode.window.showWarningMessage(
      "ml-architect",
      { modal: true, detail: disclosure },
      SEND,
      SHOW_FIRST,
    );
    if (choice === SHOW_FIRST) {
      await this.showPrompt(wish, task);
      return (await vscode.window.showInformationMessage(`ml-architect: ${disclosure}`, SEND, "Cancel")) === SEND;
    }
    return choice === SEND;
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

/** Documents that exist only to be read: prompts, explanations, and files as they would be after a change. */
class Papers implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  /** Keep a text under a name, in the place of an older one. */
  write(name: string, text: string): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${name}` });
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    return uri;
  }

  forget(uri: vscode.Uri): void {
    this.texts.delete(uri.toString());
  }

  async show(name: string, text: string): Promise<void> {
    const document = await vscode.workspace.openTextDocument(this.write(name, text));
    await vscode.window.showTextDocument(document, { preview: true, viewColumn: vscode.ViewColumn.Beside });
  }

  async showMarkdown(name: string, text: string): Promise<void> {
    await vscode.commands.executeCommand("markdown.showPreviewToSide", this.write(name, text));
  }

  dispose(): void {
    vscode.Disposable.from(this.registration, this.changed).dispose();
  }
}
