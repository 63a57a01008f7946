/** Runs the commands in a page's `console` blocks and puts what they print behind them. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;

/** The page with the output of every `$ npx lasm …` line as it is now. */
export function refreshExamples(page: string): string {
  return page.replaceAll(/```console\n([\s\S]*?)```/g, (_block, body: string) => {
    const commands = body.split('\n').filter((line) => line.startsWith('$ '));
    const runs = commands.map((line) => `${line}\n${outputOf(line.slice(2))}`);
    return `\`\`\`console\n${runs.join('')}\`\`\``;
  });
}

function outputOf(command: string): string {
  const [npx, lasm, ...args] = command.trim().split(/\s+/);
  if (npx !== 'npx' || lasm !== 'lasm') return '';
  const made = filesMade(args).filter((file) => !existsSync(file));
  const { stdout, stderr, error } = spawnSync(process.execPath, ['dist/lasm.js', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  for (const file of made) rmSync(file, { force: true });
  if (error) throw error;
  const text = stdout + stderr;
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** What `-o program.lasm` writes: the program and its weights. An example leaves nothing behind. */
function filesMade(args: readonly string[]): string[] {
  const at = args.indexOf('-o');
  if (at < 0) return [];
  const file = join(ROOT, args[at + 1] ?? '');
  return [file, file.replace(/\.lasm$/, '.safetensors')];
}
