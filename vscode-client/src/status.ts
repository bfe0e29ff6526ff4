/** What runs, where it comes from and why, and which model may be asked: in the language status menu. */

import * as vscode from "vscode";
import { Status } from "./protocol.js";
import { SELECTOR, type Server } from "./server.js";

export class StatusItems implements vscode.Disposable {
  private readonly program = vscode.languages.createLanguageStatusItem("ml-architect.server", SELECTOR);
  private readonly model = vscode.languages.createLanguageStatusItem("ml-architect.model", SELECTOR);
  private readonly disposables: vscode.Disposable;

  constructor(private readonly server: Server) {
    this.program.name = "ml-architect server";
    this.program.command = { title: "Show log", command: "ml-architect.showLogs" };
    this.model.name = "ml-architect model";
    this.model.command = { title: "Choose model", command: "ml-architect.chooseModel" };
    this.disposables = vscode.Disposable.from(
      this.program,
      this.model,
      server.onDidChange(() => this.update()),
      vscode.window.onDidChangeActiveTextEditor(() => this.update()),
    );
    this.program.busy = true;
    this.update();
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private update(): void {
    const choice = this.server.choice;
    const running = this.server.running !== undefined;
    void vscode.commands.executeCommand("setContext", "ml-architect.running", running); // the server's own commands exist
    this.program.text = choice ? `ml-architect ${choice.version}` : "ml-architect";
    this.program.detail = choice
      ? `${running ? "" : "not running; "}${choice.why}: ${choice.command}`
      : "no server was found";
    this.program.busy = this.server.client !== undefined && !running;
    this.program.severity = running ? vscode.LanguageStatusSeverity.Information : vscode.LanguageStatusSeverity.Warning;
    if (choice === undefined) {
      this.program.command = { title: "Find a server", command: "ml-architect.restart" };
    } else {
      this.program.command = { title: "Show log", command: "ml-architect.showLogs" };
    }
    void this.updateModel();
  }

  private async updateModel(): Promise<void> {
    const uri = vscode.window.activeTextEditor?.document.uri.toString() ?? "";
    const status = await this.server.running?.sendRequest(Status, { uri }).catch(() => null);
    this.model.text = status?.model ?? "no model";
    this.model.detail = status?.model ? `asked only when you say so, at ${status.host}` : (status?.problem ?? "");
  }
}
