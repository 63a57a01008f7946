/** The door to the disk: files below one folder, of bounded size, and nothing else. */

import { extname } from 'node:path';
import type { HostTensor } from '../tensor/host-tensor.ts';
import { sliceTensor } from '../tensor/host-tensor.ts';
import type { OpenFile } from './file-inside.ts';
import { realFolder, withFile } from './file-inside.ts';
import { parseNpy } from './npy.ts';
import type { SafetensorsFile } from './safetensors.ts';
import { openSafetensors } from './safetensors.ts';
import type { Slice } from './tensor-file.ts';
import { describe, FileError, nameHint, resolveSlice } from './tensor-file.ts';

/** A folder whose files can be read; every path is relative to it and stays inside it. */
export interface Folder {
  /** The text of a UTF-8 file. */
  readText(path: string): string;
  /** All bytes of a file of at most `limitBytes`. */
  readBytes(path: string, limitBytes: number): Uint8Array;
  /**
   * A tensor out of a `.npy` or `.safetensors` file, or a slice of it. `name` picks it in a
   * `.safetensors` file, and may be left out where the file holds a single tensor.
   */
  readTensor(path: string, name?: string, slice?: Slice): HostTensor;
}

/** The largest files that are read, in bytes. */
export interface FolderLimits {
  readonly textBytes: number;
  readonly tensorBytes: number;
}

const DEFAULT_LIMITS: FolderLimits = { textBytes: 2 ** 24, tensorBytes: 2 ** 30 };

interface OpenTensors {
  readonly identity: string;
  readonly tensors: SafetensorsFile;
  /** The file that reads go to, while one is open. */
  readonly source: { file: OpenFile };
}

/**
 * The folder at `root`. Nothing is kept open between calls; headers of `.safetensors` files are
 * kept, and read again when their file changed.
 *
 * @throws FileError, here and from every method, with the path in front of the message: 'outside'
 * for absolute paths, `..` and symbolic links that lead out, 'malformed' for what is not a regular
 * file, 'too-large' before a byte is read.
 */
export function openFolder(root: string, limits: FolderLimits = DEFAULT_LIMITS): Folder {
  const realRoot = realFolder(root);
  const headers = new Map<string, OpenTensors>();
  return {
    readBytes: (path, limitBytes) =>
      withFile(realRoot, path, limitBytes, (file) => file.read(0, file.size)),
    readText: (path) =>
      withFile(realRoot, path, limits.textBytes, (file) => decodeText(file.read(0, file.size))),
    readTensor: (path, name, slice) =>
      withFile(realRoot, path, limits.tensorBytes, (file) => {
        const extension = extname(path);
        if (extension === '.npy') return readNpy(file, name, slice);
        if (extension === '.safetensors') return readNamed(file, path, headers, name, slice);
        const message = `the extension ${describe(extension)} is not one of a tensor file`;
        throw new FileError('unsupported', message, 'use .npy or .safetensors');
      }),
  };
}

function readNpy(file: OpenFile, name: string | undefined, slice: Slice | undefined): HostTensor {
  if (name !== undefined) {
    throw new FileError(
      'unsupported',
      `a .npy file has no tensor names, such as ${describe(name)}`,
    );
  }
  const tensor = parseNpy(file.read(0, file.size));
  return slice === undefined ? tensor : sliceTensor(tensor, resolveSlice(tensor.shape, slice));
}

function readNamed(
  file: OpenFile,
  path: string,
  headers: Map<string, OpenTensors>,
  name: string | undefined,
  slice: Slice | undefined,
): HostTensor {
  let open = headers.get(path);
  if (open?.identity !== file.identity) {
    open = openTensors(file);
    headers.set(path, open);
  }
  open.source.file = file;
  return open.tensors.read(name ?? onlyName(open.tensors.names), slice);
}

function openTensors(file: OpenFile): OpenTensors {
  const source = { file };
  const read = (offset: number, length: number): Uint8Array => source.file.read(offset, length);
  const tensors = openSafetensors({ size: file.size, read });
  return { identity: file.identity, tensors, source };
}

function onlyName(names: readonly string[]): string {
  if (names.length === 1) return names[0];
  const message = `the file holds ${names.length} tensors, and none is named`;
  throw new FileError('missing', message, nameHint('', names));
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FileError('malformed', 'the text is not UTF-8');
  }
}
