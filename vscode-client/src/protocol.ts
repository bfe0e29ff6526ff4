/** What is said between this extension and the server, beyond the Language Server Protocol. */

import { RequestType } from "vscode-languageclient/node";

/** How much is to be repaired: one finding, its training loop, or the whole file. */
export type Scope = "finding" | "loop" | "file";

export type Task = "fix" | "explain";

/** What somebody wants to know about a finding, or wants repaired. */
export interface Wish {
  readonly uri: string;
  readonly finding: string;
  readonly scope: Scope;
}

export interface Question extends Wish {
  readonly task: Task;
  readonly workDoneToken: string;
  /** True once the user has agreed to send code to the model's host. */
  readonly consent: boolean;
}

export interface Proposal {
  readonly id: string;
  readonly title: string;
  /** What the change does besides; empty for one that is proven to repair the finding only. */
  readonly also: readonly string[];
  /** The whole document once the change is made. */
  readonly text: string;
}

export interface Answer {
  readonly state: "proposed" | "explained" | "declined" | "failed" | "cancelled";
  readonly message: string;
  /** Markdown. */
  readonly explanation?: string;
  readonly proposal?: Proposal;
  /** What the user has to agree to before anything is sent. */
  readonly consent?: string;
}

export interface ModelStatus {
  readonly model: string | null;
  readonly host: string | null;
  readonly problem: string | null;
  readonly ledger: string;
  readonly available?: boolean;
}

export const Ask = new RequestType<Question, Answer | null, void>("ml-architect/architect/ask");
export const Prompt = new RequestType<Wish & { task: Task }, { text: string } | null, void>(
  "ml-architect/architect/prompt",
);
export const Apply = new RequestType<{ id: string }, { applied: boolean; reason: string } | null, void>(
  "ml-architect/architect/apply",
);
export const Discard = new RequestType<{ id: string }, null, void>("ml-architect/architect/discard");

/** A page to read, and why it may say less than was asked for. */
export interface Page {
  readonly title: string;
  /** A whole page without scripts that takes nothing from elsewhere. */
  readonly html: string;
  readonly markdown: string;
  readonly message: string;
  /** Of an answer: "questions" where the model has to know something first. */
  readonly state?: "answered" | "questions" | "pages" | "failed";
  /** What the user has to agree to before anything is sent. */
  readonly consent?: string;
}

interface Watched {
  readonly workDoneToken: string;
  readonly consent: boolean;
}

/** Asks for the review of a file, or of the project in a folder; with `model`, also for a model's assessment. */
export const Review = new RequestType<Watched & { uri: string; model: boolean }, Page | null, void>(
  "ml-architect/review",
);

/** Asks for exactly what would be sent for the assessment; nothing is sent. */
export const ReviewPrompt = new RequestType<{ uri: string; prompt: true }, { text: string } | null, void>(
  "ml-architect/review",
);

/** A question about training models, and the file that it is about, if there is one. */
export interface Inquiry {
  readonly question: string;
  readonly uri?: string;
  /** False where the model shall ask nothing back. */
  readonly questions?: boolean;
}

export const Inquire = new RequestType<Watched & Inquiry, Page | null, void>("ml-architect/ask");
/** Asks for exactly what would be sent; nothing is sent. */
export const InquiryPrompt = new RequestType<Inquiry & { prompt: true }, { text: string } | null, void>(
  "ml-architect/ask",
);
export const Status = new RequestType<{ uri: string }, ModelStatus | null, void>("ml-architect/architect/status");

/** The commands that the server's code actions carry; here they open our own dialogue. */
export const FIX = "ml-architect.architect.fix";
export const EXPLAIN = "ml-architect.architect.explain";
export const PROMPT = "ml-architect.architect.prompt";

/** Return the wish in the first argument of a command, undefined where there is none. */
export function wishOf(argument: unknown): Wish | undefined {
  if (typeof argument !== "object" || argument === null) {
    return undefined;
  }
  const { uri, finding, scope } = argument as Partial<Record<keyof Wish, unknown>>;
  const known = scope === "finding" || scope === "loop" || scope === "file";
  return typeof uri === "string" && typeof finding === "string" && known ? { uri, finding, scope } : undefined;
}
