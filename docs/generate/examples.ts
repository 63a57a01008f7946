/** Runs the commands in a page's `console` blocks and puts what they print behind them. */
import { spawnSync } from 'node:child_process';

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
  const { stdout, stderr, error } = spawnSync(process.execPath, ['dist/lasm.js', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  if (error) throw error;
  const text = stdout + stderr;
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
