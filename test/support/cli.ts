/** Runs the command line in this process, on files of a temporary folder. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { finishCli, runCli } from '../../src/cli/cli.ts';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** What `lasm ARGV` prints and returns. */
export function lasm(argv: readonly string[], around: Surroundings = {}): CliResult {
  const { told, io } = listeningIo(around);
  const code = runCli(argv, io);
  return { code, ...told };
}

/** The same of a command that goes on when it has returned. */
export async function lasmToEnd(
  argv: readonly string[],
  around: Surroundings = {},
): Promise<CliResult> {
  const { told, io } = listeningIo(around);
  const code = runCli(argv, io) || ((await finishCli()) ?? 0);
  return { code, ...told };
}

function listeningIo({ env = {}, ...terminal }: Surroundings) {
  const told = { out: '', err: '' };
  const stdout = { ...terminal, write: (text: string) => (told.out += text) };
  const stderr = { ...terminal, write: (text: string) => (told.err += text) };
  return { told, io: { stdout, stderr, env } };
}

/** A temporary folder with files in it. */
export class Workspace {
  readonly root = mkdtempSync(join(tmpdir(), 'lasm-cli-'));

  path(name: string): string {
    return join(this.root, name);
  }

  /** Writes a file, and gives its path. */
  write(name: string, content: string | Uint8Array): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  files(): string[] {
    return readdirSync(this.root).sort();
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}
