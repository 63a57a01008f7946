/** Assembling in tests: files that exist in memory only. */
import type { AssembleOptions, AssemblerHost, Assembled } from '../../../src/asm/assemble.ts';
import { assemble } from '../../../src/asm/assemble.ts';
import type { Diagnostic } from '../../../src/diagnostics/diagnostic.ts';
import type { Program } from '../../../src/program/program.ts';
import type { HostTensor } from '../../../src/tensor/host-tensor.ts';
import { sliceTensor } from '../../../src/tensor/host-tensor.ts';

export interface MemoryFiles {
  readonly texts?: Readonly<Record<string, string>>;
  readonly tensors?: Readonly<Record<string, HostTensor>>;
}

/** A host whose files are given; it records the slices that it is asked for. */
export function memoryHost({ texts = {}, tensors = {} }: MemoryFiles = {}) {
  const slices: unknown[] = [];
  const missing = (path: string) => Object.assign(new Error(`no file ${path}`), { hint: 'look' });
  const host: AssemblerHost = {
    readText(path) {
      const text = texts[path];
      if (text === undefined) throw missing(path);
      return text;
    },
    readTensor(path, name, slice) {
      const tensor = tensors[name === undefined ? path : `${path}:${name}`];
      if (!tensor) throw missing(path);
      slices.push(slice);
      if (!slice) return tensor;
      const ranges = tensor.shape.map((size, axis) => slice[axis] ?? ([0, size] as const));
      return sliceTensor(tensor, ranges);
    },
  };
  return { host, slices };
}

export function assembleText(
  text: string,
  files: MemoryFiles = {},
  options: AssembleOptions = {},
): Assembled {
  return assemble('main.lasm', text, memoryHost(files).host, options);
}

/** The program of a text that must be right. */
export function programOf(text: string, files?: MemoryFiles, options?: AssembleOptions): Program {
  const { program, diagnostics } = assembleText(text, files, options);
  if (program) return program;
  throw new Error(diagnostics.map((d) => `${place(d)} ${d.message}`).join('\n'));
}

/** `2:7 unknown-name` */
export function place({ span, code }: Diagnostic): string {
  return `${span.line}:${span.column} ${code}`;
}

/** The data of a one-symbol program with this data line. */
export function valuesOf(line: string, files?: MemoryFiles): number[] {
  const program = programOf(`.data\nX: ${line}\n.show X\n.text\nHALT\n`, files);
  return [...program.symbols[0]!.data!];
}

/** The value of a constant expression, as the assembler sees it. */
export function constantOf(expression: string): number {
  const { params } = programOf(`.param V = ${expression}\nHALT\n`);
  return params[0]!.value;
}
