/** The account of a generation as text: prefill beside decode, layer by layer, and what context costs. */
import { entriesByCause } from './by-cause.ts';
import type { Column } from './format.ts';
import { clip, decimal, grouped, percent, plural, table, wrap } from './format.ts';
import type { Effort, EffortBound, Phases, PhaseUse } from './phases-data.ts';
import type { Report } from './report.ts';
import type { TextOptions } from './text.ts';

/** What is told besides the cycles. */
export interface Told {
  /** `verse-llama on classic5-fwd`. */
  readonly title: string;
  readonly promptTokens: number;
  readonly newTokens: number;
  /** Why there are no more: `as many as were wanted`. */
  readonly stop: string;
  /** Pass → tokens that its last row could look at. */
  readonly contexts: readonly number[];
}

/** All of it; ends with a line feed. */
export function renderPhases(
  phases: Phases,
  report: Report,
  told: Told,
  { width, colour }: TextOptions,
): string {
  const heading = (text: string) => (colour ? `\u001b[1m${text}\u001b[22m` : text);
  const sections: (readonly [string, readonly string[]])[] = [
    [wrap(told.title, width).join('\n'), headline(phases, report, told, width)],
    ['Prefill and decode', phaseTable(phases, told)],
    ['By layer, in cycles of prefill and of one decode token', layerTable(phases)],
    ['As the context grows', contextLines(phases, told, width)],
  ];
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(
      ([name, lines]) => `${heading(name)}\n${lines.map((line) => clip(line, width)).join('\n')}\n`,
    )
    .join('\n');
}

const LABEL_WIDTH = 16;

function headline(phases: Phases, report: Report, told: Told, width: number): string[] {
  const { cycles, bound, instructions, largestLoss } = report;
  const slower =
    bound.cycles > 0 ? `; the run takes ${decimal(cycles / bound.cycles, 2)} × that` : '';
  const entries: [string, string][] = [
    [
      'tokens',
      `${grouped(told.promptTokens)} in the prompt, ${grouped(told.newTokens)} new: ${told.stop}`,
    ],
    [
      'cycles',
      `${grouped(cycles)}: prefill ${shareOf(phases.prefill, phases)}, decode ${shareOf(phases.decode, phases)}`,
    ],
    ['instructions', grouped(instructions)],
    ['lower bound', `${grouped(bound.cycles)}, set by ${bound.setBy}: ${bound.sentence}${slower}`],
    ['largest loss', largestLoss?.sentence ?? 'none'],
  ];
  return entries.flatMap(([label, text]) =>
    wrap(text, width - LABEL_WIDTH).map(
      (line, i) => `  ${(i === 0 ? label : '').padEnd(LABEL_WIDTH - 2)}${line}`,
    ),
  );
}

function shareOf({ cycles }: Effort, phases: Phases): string {
  return `${grouped(cycles)} (${percent(ratio(cycles, phases.cycles) * 100)})`;
}

/** One column for the prompt, one for the mean of all further passes. */
function phaseTable({ prefill, decode, issueWidth }: Phases, { promptTokens }: Told): string[] {
  const passes = decode.passes;
  const row = (title: string, cell: (phase: PhaseUse, tokens: number) => string): string[] => [
    title,
    cell(prefill, promptTokens),
    passes === 0 ? '-' : cell(decode, passes),
  ];
  return table(
    [
      { title: '', align: 'left' },
      { title: 'prefill', align: 'right' },
      { title: 'decode', align: 'right' },
    ],
    [
      row('tokens through the model', (_, tokens) => grouped(tokens)),
      row('cycles', ({ cycles }) => grouped(cycles)),
      row('cycles per token', ({ cycles }, tokens) => grouped(cycles / tokens)),
      row('at least, per token', ({ bound }, tokens) => grouped(bound.cycles / tokens)),
      row('  set by', ({ bound }) => boundText(bound)),
      row('instructions per token', ({ instructions }, tokens) => grouped(instructions / tokens)),
      row('bytes per token', ({ bytes }, tokens) => grouped(bytes / tokens)),
      row('MACs per token', ({ macs }, tokens) => grouped(macs / tokens)),
      row('MAC utilisation', ({ macUtilisation }) => percent(macUtilisation * 100)),
      row('busiest unit', busiestText),
      row('largest cause', (phase) => largestText(phase, issueWidth)),
    ],
  );
}

function boundText({ setBy }: EffortBound): string {
  return setBy === 'execute' ? 'EX, one instruction at a time' : setBy;
}

function busiestText({ busiest }: PhaseUse): string {
  return busiest ? `${busiest.unit} ${percent(busiest.utilisation * 100)}` : '-';
}

function largestText({ largestCause, cycles, slots }: PhaseUse, issueWidth: number): string {
  if (largestCause === null) return 'none';
  const [, count] = entriesByCause(slots).find(([cause]) => cause === largestCause)!;
  return `${largestCause} ${percent(ratio(count, cycles * issueWidth) * 100)}`;
}

const EFFORT_COLUMNS: readonly Column[] = [
  { title: 'share', align: 'right' },
  { title: 'largest cause', align: 'left' },
];

const LAYER_COLUMNS: readonly Column[] = [
  { title: 'part', align: 'left' },
  { title: 'prefill', align: 'right' },
  ...EFFORT_COLUMNS,
  { title: 'decode', align: 'right' },
  ...EFFORT_COLUMNS,
];

/** Cycles of each part, in the order of the model. */
function layerTable({ rows, prefill, decode }: Phases): string[] {
  const cells = (effort: Effort, whole: PhaseUse): string[] =>
    whole.passes === 0
      ? ['-', '', '']
      : [
          grouped(effort.cycles / whole.passes),
          percent(ratio(effort.cycles, whole.cycles) * 100),
          effort.cycles === 0 ? '' : (effort.largestCause ?? 'none'),
        ];
  return table(LAYER_COLUMNS, [
    ...rows.map((row) => [row.name, ...cells(row.prefill, prefill), ...cells(row.decode, decode)]),
    ['total', ...cells(prefill, prefill), ...cells(decode, decode)],
  ]);
}

/** Passes worth showing: the first, the middle and the last of decode. */
function contextLines({ passes }: Phases, { contexts }: Told, width: number): string[] {
  const decode = passes.length - 1;
  if (decode < 2) return [];
  const shown = [...new Set([1, 1 + Math.floor((decode - 1) / 2), decode])];
  const columns: Column[] = [
    { title: 'token', align: 'right' },
    { title: 'context', align: 'right' },
    { title: 'cycles', align: 'right' },
    { title: 'bytes', align: 'right' },
    { title: 'MAC utilisation', align: 'right' },
  ];
  const rows = shown.map((pass) => {
    const { cycles, bytes, macUtilisation } = passes[pass]!;
    return [
      grouped(pass + 1),
      grouped(contexts[pass]!),
      grouped(cycles),
      grouped(bytes),
      percent(macUtilisation * 100),
    ];
  });
  const [first, last] = [passes[1]!, passes[decode]!];
  const more = contexts[decode]! - contexts[1]!;
  const growth = (last.cycles - first.cycles) / more;
  const sentence = `From the first to the last of them the context grows by ${plural(more, 'token')}, and each of these makes a token ${decimal(growth, 1)} cycles dearer on average.`;
  return [...table(columns, rows), ...wrap(sentence, width - 2).map((line) => `  ${line}`)];
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
