/** An environment of our own in the extension's storage, with the wheel that this extension brings along. */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";

/** How long an installation may take, in milliseconds. */
const PATIENCE = 15 * 60_000;
const TOO_OLD = "import sys; sys.exit(sys.version_info < (3, 10))";

/** What was installed, as the file beside the environment says. */
interface Installed {
  readonly version: string;
  readonly models: boolean;
}

export class Managed {
  private readonly storage: string;
  private readonly folder: string;
  private readonly stamp: string;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.storage = context.globalStorageUri.fsPath;
    this.folder = join(this.storage, "environment");
    this.stamp = join(this.storage, "environment.json");
  }

  /** The Python of the environment, whether it exists or not. */
  get python(): string {
    return join(this.folder, ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]));
  }

  /** Return what is installed; undefined where nothing is, or an installation was broken off. */
  async installed(): Promise<Installed | undefined> {
    try {
      const stamp = JSON.parse(await readFile(this.stamp, "utf-8")) as Installed;
      return existsSync(this.python) ? stamp : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whether the environment is that of another version of this extension. */
  isOld(installed: Installed): boolean {
    return installed.version !== this.version;
  }

  /** Make the environment, or bring it up to date, while the user watches and may cancel; return whether it is there. */
  async install(python: string | undefined, models: boolean): Promise<boolean> {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: "ml-architect: installing the server",
      cancellable: true,
    };
    return vscode.window.withProgress(options, async (progress, token) => {
      await mkdir(this.storage, { recursive: true });
      const limits: Limits = { timeout: PATIENCE, cwd: this.storage, token };
      const problem = await this.build(python, models, limits, (message) => progress.report({ message }));
      if (problem === undefined) {
        return true;
      }
      if (!token.isCancellationRequested) {
        await this.complain(problem);
      }
      return false;
    });
  }

  private get version(): string {
    return String((this.context.extension.packageJSON as { version?: unknown }).version);
  }

  /** Return why there is no environment, undefined if there is one. */
  private async build(
    python: string | undefined,
    models: boolean,
    limits: Limits,
    tell: (message: string) => void,
  ): Promise<string | undefined> {
    const wheel = await this.wheel();
    if (wheel === undefined) {
      return "this build of the extension has no server in it";
    }
    const uv = (await run("uv", ["--version"], { timeout: 10_000, cwd: this.storage })).code === 0;
    const before = await this.installed();
    if (before === undefined) {
      tell("making an environment");
      const made = await this.make(python, uv, limits);
      if (made?.code !== 0) {
        return made === undefined ? "no Python 3.10 or newer was found" : "the environment could not be made";
      }
    }
    tell("downloading what the server needs");
    const stamp: Installed = { version: this.version, models: models || before?.models === true };
    const done = await this.fill(wheel, stamp, uv, limits);
    if (done.code !== 0) {
      return "the server could not be installed";
    }
    await writeFile(this.stamp, JSON.stringify(stamp));
    return undefined;
  }

  private async make(python: string | undefined, uv: boolean, limits: Limits): Promise<Ended | undefined> {
    await rm(this.folder, { recursive: true, force: true });
    if (uv) {
      return logged(this.log, "uv", ["venv", "--python", python ?? ">=3.10", this.folder], limits);
    }
    for (const candidate of [python, "python3", "python"]) {
      if (candidate && (await run(candidate, ["-c", TOO_OLD], { timeout: 10_000, cwd: this.storage })).code === 0) {
        return logged(this.log, candidate, ["-m", "venv", this.folder], limits);
      }
    }
    return undefined;
  }

  private fill(wheel: string, wanted: Installed, uv: boolean, limits: Limits): Promise<Ended> {
    const requirement = wanted.models ? `ml-architect[llm] @ ${vscode.Uri.file(wheel)}` : wheel;
    const options = ["--upgrade", requirement];
    return uv
      ? logged(this.log, "uv", ["pip", "install", "--python", this.python, ...options], limits)
      : logged(this.log, this.python, ["-m", "pip", "install", "--disable-pip-version-check", ...options], limits);
  }

  private async wheel(): Promise<string | undefined> {
    const folder = this.context.asAbsolutePath("bundled");
    const names = existsSync(folder) ? await readdir(folder) : [];
    const name = names.find((each) => each.endsWith(".whl"));
    return name && join(folder, name);
  }

  private async complain(problem: string): Promise<void> {
    const choice = await vscode.window.showErrorMessage(`ml-architect: ${problem}`, "Show log");
    if (choice !== undefined) {
      this.log.show();
    }
  }
}

interface Ended {
  /** The exit code; undefined where the program could not be started or was ended by us. */
  readonly code: number | undefined;
  readonly output: string;
  readonly errors: string;
}

interface Limits {
  /** Milliseconds after which the program is ended. */
  readonly timeout: number;
  /** The working directory: never one of the user's, whose modules Python would find. */
  readonly cwd: string;
  readonly token?: vscode.CancellationToken;
}

/** Run a program to its end, or to the end of our patience; never rejects. */
export function run(command: string, args: readonly string[], limits: Limits): Promise<Ended> {
  return new Promise((resolve) => {
    let output = "";
    let errors = "";
    const child = spawn(command, args, { cwd: limits.cwd, windowsHide: true, stdio: ["ignore", "pipe", "pipe"] });
    const timer = setTimeout(() => end(child), limits.timeout);
    const cancelled = limits.token?.onCancellationRequested(() => end(child));
    const finish = (code: number | undefined, problem = "") => {
      clearTimeout(timer);
      cancelled?.dispose();
      resolve({ code, output, errors: errors + problem });
    };
    child.stdout.on("data", (data: Buffer) => {
      output += data.toString();
    });
    child.stderr.on("data", (data: Buffer) => {
      errors += data.toString();
    });
    child.on("error", (error) => finish(undefined, error.message));
    child.on("close", (code) => finish(code ?? undefined));
  });
}

/** Run a program as `run` does, and write down what it said. */
async function logged(
  log: vscode.LogOutputChannel,
  command: string,
  args: readonly string[],
  limits: Limits,
): Promise<Ended> {
  log.info(`running ${[command, ...args].join(" ")}`);
  const ended = await run(command, args, limits);
  const said = `${ended.output}${ended.errors}`.trim();
  if (said) {
    log[ended.code === 0 ? "debug" : "warn"](said);
  }
  return ended;
}

function end(child: ChildProcess): void {
  child.kill();
}
