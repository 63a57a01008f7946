/** Files named on the command line: read with clear errors, written whole or not at all. */
import { existsSync, openSync, readFileSync, readSync, closeSync } from 'node:fs';
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Failure } from './failure.ts';

const MAX_BYTES = 1 << 30;

/** The bytes of a file. */
export function readBytes(path: string, limit = MAX_BYTES): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size > limit) throw new Failure(1, `${path}: has ${size} bytes; at most ${limit} are read`);
    return readFileSync(path);
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(1, `${path}: ${reasonOf(error)}`);
  }
}

/** The text of a file. */
export function readText(path: string): string {
  return new TextDecoder().decode(readBytes(path, 1 << 26));
}

/** What kind of file may be overwritten: one of our own making, told by how it begins. */
export interface OwnKind {
  readonly name: string;
  readonly magic: string;
}

/**
 * Writes a file by way of a temporary one beside it, so that it is there whole or not at all.
 * A file that is already there is replaced only if it is of the same kind.
 */
export function writeWhole(path: string, content: Uint8Array | string, kind: OwnKind): void {
  if (existsSync(path) && !isOwn(path, kind)) {
    throw new Failure(
      1,
      `${path}: is there already and is not a ${kind.name}; nothing was written`,
    );
  }
  replaceFile(path, content);
}

/** Replaces a file as a whole. Several computers may do so in one folder: their processes share numbers. */
export function replaceFile(path: string, content: Uint8Array | string): void {
  const writer = `${hostname()}.${process.pid}`;
  const temporary = join(dirname(path), `.${basename(path)}.${writer}.tmp`);
  try {
    writeFileSync(temporary, content, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Failure(1, `${path}: cannot be written: ${reasonOf(error)}`);
  }
}

/** Whether a file that is there is empty or begins as its kind does; a pipe or a folder never is. */
export function isOwn(path: string, { magic }: OwnKind): boolean {
  if (!statSync(path).isFile()) return false;
  const start = Buffer.alloc(magic.length);
  const file = openSync(path, 'r');
  try {
    return readSync(file, start) === 0 || start.toString('latin1') === magic;
  } finally {
    closeSync(file);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'is a folder',
  EACCES: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of the path is not a folder',
};

/** An operating system error in words. */
export function reasonOf(error: unknown): string {
  const code = (error as { code?: string }).code ?? '';
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}
