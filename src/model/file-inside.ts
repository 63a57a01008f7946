/** Opens a file only when its path, and every link on it, stays inside a folder. */

import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve, sep, win32 } from 'node:path';
import type { RandomAccess } from './safetensors.ts';
import { FileError, nameHint } from './tensor-file.ts';

/** readSync takes a signed 32-bit length. */
const MAX_CHUNK_BYTES = 2 ** 30;

/** A file while it is open. */
export interface OpenFile extends RandomAccess {
  /** Changes when the file is replaced or written to. */
  readonly identity: string;
}

/** A folder with its own links resolved: what `withFile` takes as its root. */
export function realFolder(root: string): string {
  try {
    return realpathSync(root);
  } catch (error) {
    throw withPath(root, error);
  }
}

/** Opens, checks, uses and closes a file, and puts its path in front of what goes wrong. */
export function withFile<T>(
  root: string,
  path: string,
  limitBytes: number,
  use: (file: OpenFile) => T,
): T {
  try {
    const descriptor = openInside(root, path);
    try {
      return use(checkedFile(descriptor, limitBytes));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw withPath(path, error);
  }
}

/** An open descriptor of a file that is inside `root` by its path and by its links. */
function openInside(root: string, path: string): number {
  if (path.includes('\0')) throw new FileError('malformed', 'the path has a zero byte in it');
  if (isAbsolute(path) || win32.isAbsolute(path)) {
    throw new FileError('outside', 'the path is absolute', 'write it relative to the folder');
  }
  const wanted = resolve(root, path);
  if (!isInside(root, wanted)) throw new FileError('outside', 'the path leads out of the folder');
  const real = existingPath(root, wanted);
  if (!isInside(root, real)) {
    throw new FileError('outside', 'a symbolic link leads out of the folder');
  }
  // Without O_NONBLOCK, opening a named pipe would wait for a writer for ever.
  return openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
}

function existingPath(root: string, wanted: string): string {
  try {
    return realpathSync(wanted);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new FileError('missing', 'there is no such file', siblingHint(root, wanted));
  }
}

function siblingHint(root: string, wanted: string): string | undefined {
  try {
    const folder = realpathSync(dirname(wanted));
    if (isInside(root, folder)) return nameHint(basename(wanted), readdirSync(folder).sort());
  } catch {
    // The folder is missing as well: there is nothing to list.
  }
  return undefined;
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function checkedFile(descriptor: number, limitBytes: number): OpenFile {
  const stats = fstatSync(descriptor, { bigint: true });
  if (!stats.isFile()) {
    const found = stats.isDirectory() ? 'this is a directory, not a file' : 'not a regular file';
    throw new FileError('malformed', found);
  }
  if (stats.size > limitBytes) {
    const message = `the file has ${stats.size} bytes, above the limit of ${limitBytes}`;
    throw new FileError('too-large', message);
  }
  return {
    size: Number(stats.size),
    identity: [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':'),
    read: (offset, length) => readExactly(descriptor, offset, length),
  };
}

function readExactly(descriptor: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const wanted = Math.min(length - filled, MAX_CHUNK_BYTES);
    const count = readSync(descriptor, bytes, filled, wanted, offset + filled);
    if (count === 0) throw new FileError('malformed', 'the file became shorter while it was read');
    filled += count;
  }
  return bytes;
}

function withPath(path: string, error: unknown): unknown {
  if (error instanceof FileError) {
    return new FileError(error.code, `${path}: ${error.message}`, error.hint);
  }
  const code = errorCode(error);
  if (code === undefined) return error;
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  const message = missing ? 'there is no such file' : `the file cannot be read (${code})`;
  return new FileError(missing ? 'missing' : 'malformed', `${path}: ${message}`);
}

/** The code of an error of the operating system, such as ENOENT. */
function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error && 'code' in error
    ? String(error.code)
    : undefined;
}
