/** Where the server comes from: decided in one order, and told in the status item. */

import * as vscode from "vscode";
import { expanded, type Interpreters } from "./interpreters.js";
import { type Managed, run } from "./managed.js";

const DECLINED = "managedEnvironmentDeclined";
const CREATE = "Install";
const SETTING = "Choose a program";
const NEVER = "Not now";

/** A server that runs, and why it is this one. */
export interface Choice {
  readonly command: string;
  readonly args: readonly string[];
  readonly version: string;
  readonly why: string;
  readonly isManaged: boolean;
}

export class Environment {
  private isAsking = false;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly interpreters: Interpreters,
    private readonly managed: Managed,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** Return the server to start; undefined where there is none. */
  async choose(): Promise<Choice | undefined> {
    return (await this.fromWorkspace()) ?? (await this.fromStorage()) ?? (await this.fromPath());
  }

  /** Ask, once at a time and until it is refused, whether to install the server; return whether it was installed. */
  async offer(): Promise<boolean> {
    if (this.isAsking || this.context.globalState.get(DECLINED) === true) {
      return false;
    }
    this.isAsking = true;
    try {
      return await this.ask();
    } finally {
      this.isAsking = false;
    }
  }

  /** Let the user be asked again. */
  async forgetRefusal(): Promise<void> {
    await this.context.globalState.update(DECLINED, undefined);
  }

  /** Install what asking a model needs into our own environment, if the user wants it. */
  async offerModels(): Promise<void> {
    const installed = await this.managed.installed();
    if (installed === undefined || installed.models) {
      return;
    }
    const text =
      "ml-architect: asking a model needs the package litellm in the extension's environment (about 340 MB).";
    if ((await vscode.window.showInformationMessage(text, CREATE, NEVER)) === CREATE) {
      await this.managed.install(undefined, true);
    }
  }

  /** What a workspace may decide, if it is trusted: the setting, and the environment that is chosen for it. */
  private async fromWorkspace(): Promise<Choice | undefined> {
    if (!vscode.workspace.isTrusted) {
      return undefined;
    }
    const settings = vscode.workspace.getConfiguration("ml-architect");
    const path = settings.get<string>("path");
    if (path) {
      const choice = await this.tried(expanded(path), [], "the setting ml-architect.path");
      if (choice) {
        return choice;
      }
      this.log.warn(`ml-architect.path names ${path}, which does not run`);
    }
    if (settings.get<string>("importStrategy") !== "fromEnvironment") {
      return undefined;
    }
    const python = await this.interpreters.chosen(vscode.workspace.workspaceFolders?.[0]?.uri);
    return python ? this.tried(python, ["-m", "ml_architect"], "the selected Python environment") : undefined;
  }

  private async fromStorage(): Promise<Choice | undefined> {
    const installed = await this.managed.installed();
    if (installed === undefined) {
      return undefined;
    }
    if (this.managed.isOld(installed)) {
      await this.managed.install(undefined, false);
    }
    const choice = await this.tried(this.managed.python, ["-m", "ml_architect"], "the extension's own environment");
    return choice && { ...choice, isManaged: true };
  }

  private async fromPath(): Promise<Choice | undefined> {
    return vscode.workspace.isTrusted ? this.tried("ml-architect", [], "found on PATH") : undefined;
  }

  private async ask(): Promise<boolean> {
    const text =
      "ml-architect: no server was found. Install it into an environment of the extension's own? " +
      "Its dependencies are downloaded from your Python package index.";
    const answer = await vscode.window.showInformationMessage(text, CREATE, SETTING, NEVER);
    if (answer === CREATE) {
      const python = vscode.workspace.isTrusted ? await this.interpreters.chosen(undefined) : undefined;
      return this.managed.install(python, false);
    }
    if (answer === SETTING) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "ml-architect.path");
    } else if (answer === NEVER) {
      await this.context.globalState.update(DECLINED, true);
    }
    return false;
  }

  private async tried(command: string, args: readonly string[], why: string): Promise<Choice | undefined> {
    const cwd = this.context.extensionPath;
    const ended = await run(command, [...args, "--version"], { timeout: 20_000, cwd });
    const version = /^ml-architect (\S+)/.exec(ended.output)?.[1];
    this.log.debug(`${why}: ${command} ${version ? `is version ${version}` : "has no ml-architect"}`);
    return ended.code === 0 && version ? { command, args, version, why, isManaged: false } : undefined;
  }
}
