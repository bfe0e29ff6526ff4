/** Programs that we run for a moment: to ask for a version, or to install something. */

import { type ChildProcess, spawn } from "node:child_process";
import type { CancellationToken, LogOutputChannel } from "vscode";

export interface Ended {
  /** The exit code; undefined where the program could not be started or was ended by us. */
  readonly code: number | undefined;
  readonly output: string;
  readonly errors: string;
}

export interface Limits {
  /** Milliseconds after which the program is ended. */
  readonly timeout: number;
  /** The working directory: never one of the user's, whose modules Python would find. */
  readonly cwd: string;
  readonly token?: CancellationToken;
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
export async function logged(
  log: LogOutputChannel,
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
