/** What a sweep leaves behind and prints: the table, the plot, and the files of its folder. */
import { FIGURE_START } from '../reports/svg/panel.ts';
import { CSV_START, resultsCsv } from '../sweep/csv.ts';
import type { SweepFolder, SweepJson } from '../sweep/folder.ts';
import { textOf } from '../sweep/folder.ts';
import { resultsSvg } from '../sweep/plot.ts';
import type { Results } from '../sweep/results.ts';
import { resultsJson } from '../sweep/results.ts';
import { resultsText } from '../sweep/text.ts';
import { writeWhole } from './files.ts';
import { outputWidth, print } from './output.ts';

const RESULTS_START = '{\n  "schema": "lasm-sweep-results/';

/** Writes the results of a whole sweep: the same bytes, whoever ran which point. */
export function writeSummaries(
  results: Results,
  json: SweepJson,
  folder: SweepFolder | undefined,
  svg: string | undefined,
): void {
  const picture = resultsSvg(titleOf(json), results);
  folder?.writeSummary('results.json', textOf(resultsJson(json, results)), RESULTS_START);
  folder?.writeSummary('sweep.csv', resultsCsv(results), CSV_START);
  folder?.writeSummary('sweep.svg', picture, FIGURE_START);
  if (svg !== undefined) writeWhole(svg, picture, { name: 'picture made by lasm', magic: FIGURE_START }); // prettier-ignore
}

/** Prints the table, or all of it as JSON. */
export function printResults(
  results: Results,
  json: SweepJson,
  flags: { readonly json?: boolean; readonly shard?: { number: number; of: number } },
): void {
  if (flags.json) {
    print(textOf(resultsJson(json, results)));
    return;
  }
  const { shard } = flags;
  const part = shard ? `, shard ${shard.number} of ${shard.of}` : '';
  const count = `${results.rows.length} of ${json.points} points`;
  print(resultsText(`${titleOf(json)}: ${count}${part}`, results, outputWidth()));
}

/** `matmul-tiled.lasm on gemmini16`. */
function titleOf({ subject, machine, keys }: SweepJson): string {
  const varies = keys.some(({ key }) => key === 'machine');
  return varies ? subject.name : `${subject.name} on ${machine.name}`;
}
