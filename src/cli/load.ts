/** Loads the program that a command speaks of, from source or from its binary form. */
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { AssembleOptions, AssemblerHost } from '../asm/assemble.ts';
import { assemble } from '../asm/assemble.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { renderDiagnostics } from '../diagnostics/render.ts';
import type { Folder } from '../model/sandbox.ts';
import { openFolder } from '../model/sandbox.ts';
import { FileError } from '../model/tensor-file.ts';
import { BinaryError, decodeProgram } from '../program/binary.ts';
import type { Program } from '../program/program.ts';
import { memoryEnd } from '../program/program.ts';
import { Failure, messageWithHint, usage } from './failure.ts';
import { readBytes, readText } from './files.ts';
import { printError, wantsColour } from './output.ts';

export const DEFAULT_MAX_MEMORY = 256 * 2 ** 20;

export interface LoadOptions extends AssembleOptions {
  /** The folder that includes and data files must stay in; the program's own by default. */
  readonly root?: string;
}

const BINARY_SUFFIX = '.lbin';

/** A source file with what is wrong with it; `program` is undefined when there is an error. */
export function assembleFile(path: string, { root, ...options }: LoadOptions) {
  const text = readText(path);
  const own = dirname(path);
  const host = root === undefined ? folderAt(own) : hostAt(root, own);
  const result = assemble(path, text, host, options);
  return { ...result, show: (d: readonly Diagnostic[]) => showDiagnostics(d, result.sources) };
}

function folderAt(root: string): Folder {
  try {
    return openFolder(root);
  } catch (error) {
    throw fileFailure(error);
  }
}

/** Reads from below `root` what a program in `own` names relative to its own folder. */
function hostAt(root: string, own: string): AssemblerHost {
  const folder = folderAt(root);
  const below = (path: string) =>
    isAbsolute(path) ? path : relative(resolve(root), resolve(own, path));
  return {
    readText: (path) => folder.readText(below(path)),
    readTensor: (path, name, slice) => folder.readTensor(below(path), name, slice),
  };
}

function showDiagnostics(
  diagnostics: readonly Diagnostic[],
  sources: ReadonlyMap<string, string>,
): void {
  if (diagnostics.length === 0) return;
  printError(renderDiagnostics(diagnostics, sources, { colour: wantsColour('stderr') }));
}

/** The program in a file; prints diagnostics, and fails when it is not fit to run. */
export function loadProgram(path: string, options: LoadOptions): Program {
  if (path.endsWith(BINARY_SUFFIX)) return loadBinary(path, options);
  const { program, diagnostics, show } = assembleFile(path, options);
  show(diagnostics);
  if (!program) throw new Failure(1, `${path} was not run`);
  return program;
}

/** The program in a `.lbin` file. */
export function loadBinary(path: string, { params, maxMemoryBytes }: LoadOptions): Program {
  if (params && Object.keys(params).length > 0) {
    throw usage(`--param needs source text; ${path} is already assembled`);
  }
  const program = decodeBinary(path);
  const bytes = memoryEnd(program);
  if (bytes > (maxMemoryBytes ?? DEFAULT_MAX_MEMORY)) {
    const hint = 'raise the limit with --max-memory';
    throw new Failure(1, messageWithHint(`${path}: needs ${bytes} bytes of memory`, hint));
  }
  return program;
}

function decodeBinary(path: string): Program {
  try {
    return decodeProgram(readBytes(path));
  } catch (error) {
    if (error instanceof BinaryError) throw new Failure(1, `${path}: ${error.message}`);
    throw error;
  }
}

/** What a command says of a file or folder that cannot be used; the message begins with its path. */
export function fileFailure(error: unknown): unknown {
  if (!(error instanceof FileError)) return error;
  return new Failure(1, messageWithHint(error.message, error.hint));
}
