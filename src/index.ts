/** The library: what the command line, labs and a web page build on. */
export { assemble } from './asm/assemble.ts';
export type { AssembleOptions, AssemblerHost } from './asm/assemble.ts';
export { formatSource } from './asm/format.ts';
export { printProgram } from './asm/print.ts';
export type { Diagnostic, Span } from './diagnostics/diagnostic.ts';
export { hasErrors } from './diagnostics/diagnostic.ts';
export { renderDiagnostics } from './diagnostics/render.ts';
export type { Machine } from './machine/machine.ts';
export { PRESETS, findPreset } from './machine/presets.ts';
export { parseMachine } from './machine/read.ts';
export { decodeProgram, encodeProgram } from './program/binary.ts';
export type { Program } from './program/program.ts';
export { createDiagram } from './reports/diagram.ts';
export type { Report } from './reports/report.ts';
export { renderReport } from './reports/text.ts';
export { symbolTensor } from './run/outputs.ts';
export { runProgram } from './run/run.ts';
export type { RunOptions, RunResult } from './run/run.ts';
