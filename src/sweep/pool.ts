/** The worker pool: tasks go out as workers become free, and every outcome names its task. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type * as tinypool from 'tinypool';
import type { Options, Tinypool } from 'tinypool';
import type { Outcome } from './cost.ts';
import type { Task } from './worker.ts';

/** An outcome, or that the worker crashed; a crash is no outcome and will be tried again. */
export type Finished = Outcome | { readonly status: 'crashed'; readonly problem: string };

export interface PoolOptions {
  readonly workers: number;
  /** Hears each task that is finished, in the order in which they are. */
  readonly onFinished: (index: number, finished: Finished) => void;
  /** No task is begun once it is aborted, and those under way are given up. */
  readonly signal: AbortSignal;
  /** The module of the workers; another one in tests. */
  readonly workerFile?: URL;
}

/** A task and the number by which it is told. */
export type Numbered = readonly [index: number, task: Task];

/** From source, modules are TypeScript; built, the worker stands beside the command line. */
const IS_SOURCE = import.meta.url.endsWith('.ts');
const WORKER = new URL(IS_SOURCE ? './worker.ts' : './sweep-worker.js', import.meta.url);

const load = createRequire(import.meta.url);

/** Lets a thread read TypeScript: it begins without the loaders of the one that starts it. */
function typeScriptLoader(): string[] {
  const module = pathToFileURL(load.resolve('tsx/esm/api').replace(/\.cjs$/, '.mjs')).href;
  const code = `import { register } from ${JSON.stringify(module)}; register();`;
  return ['--import', `data:text/javascript,${encodeURIComponent(code)}`];
}

/** Read when a sweep runs, so that no other command waits for it. */
function makePool(options: Options): Tinypool {
  const { Tinypool: Pool } = load('tinypool') as Pick<typeof tinypool, 'Tinypool'>;
  return new Pool(options);
}

/**
 * Runs all tasks. They are taken from the iterable one by one, so that what is made for a task is
 * made when a worker waits for it.
 */
export async function runTasks(tasks: Iterable<Numbered>, options: PoolOptions): Promise<void> {
  const { workers, signal, onFinished, workerFile = WORKER } = options;
  const pool = makePool({
    filename: workerFile.href,
    name: 'runTask',
    minThreads: workers,
    maxThreads: workers,
    ...(IS_SOURCE && { execArgv: typeScriptLoader() }),
  });
  // A worker that fails without a task, such as one that does not start, is told to nobody else.
  const broken = new Promise<never>((_, reject) => pool.on('error', reject));
  broken.catch(() => undefined);
  const destroy = () => void pool.destroy();
  signal.addEventListener('abort', destroy);
  const waiting = tasks[Symbol.iterator]();
  const work = async () => {
    for (let next = take(waiting, signal); next; next = take(waiting, signal)) {
      const [index, task] = next;
      const finished = await attempt(Promise.race([pool.run(task), broken]));
      if (!signal.aborted) onFinished(index, finished);
    }
  };
  try {
    await Promise.all(Array.from({ length: workers }, work));
  } finally {
    signal.removeEventListener('abort', destroy);
    await pool.destroy();
  }
}

function take(waiting: Iterator<Numbered>, signal: AbortSignal): Numbered | undefined {
  if (signal.aborted) return undefined;
  const { done, value } = waiting.next();
  return done ? undefined : value;
}

async function attempt(run: Promise<unknown>): Promise<Finished> {
  try {
    return (await run) as Outcome;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { status: 'crashed', problem };
  }
}
