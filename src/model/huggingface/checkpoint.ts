/** The weights of a folder, in one file or in shards: found by key, checked by shape, read when needed. */
import { elementCount } from '../../tensor/host-tensor.ts';
import type { HostTensor } from '../../tensor/host-tensor.ts';
import { GraphError } from '../graph.ts';
import type { SafetensorsFile, TensorInfo } from '../safetensors.ts';
import type { Slice } from '../tensor-file.ts';
import { FileError, describe, nameHint } from '../tensor-file.ts';
import type { Config } from './config.ts';
import type { ModelFolder } from './folder.ts';
import { isObject, readObject } from './folder.ts';

const ONE_FILE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

/** The types that weights are kept in; reading makes float32 of all, exactly but for F64. */
const FLOATS = ['F32', 'F16', 'BF16', 'F64'];

interface Located {
  readonly path: string;
  readonly file: SafetensorsFile;
}

/** How a family's files spell keys, and what they hold that the model does not use. */
export interface Spelling {
  /** Other ways to write a key, tried in turn after the key itself. */
  readonly alternatives: (key: string) => readonly string[];
  /** Keys that transformers itself leaves aside when it loads the model. */
  readonly ignored: readonly RegExp[];
}

/** Where a model finds its weights: in files, or nowhere yet. */
export type Weights = Pick<Checkpoint, 'has' | 'take' | 'checkAllTaken' | 'parameters' | 'bytes'>;

/** The tensors of a model, and which of them the model took. */
export class Checkpoint {
  private readonly tensors: ReadonlyMap<string, Located>;
  private readonly spelling: Spelling;
  private readonly config: Config;
  private readonly taken = new Map<string, TensorInfo>();

  /** Throws FileError as `openCheckpoint` does. */
  constructor(folder: ModelFolder, config: Config, spelling: Spelling) {
    this.tensors = locateTensors(folder);
    this.config = config;
    this.spelling = spelling;
  }

  has(key: string): boolean {
    return this.spelled(key) !== undefined;
  }

  /**
   * A function that reads the tensor of this key, of exactly this shape, or a slice of it.
   *
   * @throws FileError 'missing' for an absent key, 'unsupported' for a tensor of integers; GraphError
   * when the shape is not what config.json asks for.
   */
  take(key: string, shape: readonly number[]): (slice?: Slice) => HostTensor {
    const name = this.spelled(key) ?? this.missing(key);
    const { path, file } = this.tensors.get(name)!;
    const info = file.info(name);
    if (!FLOATS.includes(info.dtype)) {
      const message = `${path}: ${describe(name)} holds ${info.dtype}, which weights cannot be`;
      throw new FileError('unsupported', message, `they must be ${FLOATS.join(', ')}`);
    }
    if (info.shape.join() !== shape.join()) this.contradiction(path, name, info.shape, shape);
    this.taken.set(name, info);
    return (slice) => file.read(name, slice);
  }

  /** Throws GraphError when tensors are left that the model has no place for. */
  checkAllTaken(): void {
    const left = [...this.tensors.keys()].filter(
      (name) => !this.taken.has(name) && !this.spelling.ignored.some((re) => re.test(name)),
    );
    if (left.length === 0) return;
    const { path } = this.tensors.get(left[0]!)!;
    const more = left.length > 1 ? ` and ${left.length - 1} others` : '';
    throw new GraphError(
      `${path}: the model of config.json has no place for ${describe(left[0])}${more}`,
      'does config.json belong to these weights?',
    );
  }

  /** Numbers in the tensors taken, each tensor counted once. */
  get parameters(): number {
    return [...this.taken.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  }

  /** Bytes of the tensors taken, as the files keep them. */
  get bytes(): number {
    return [...this.taken.values()].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  private spelled(key: string): string | undefined {
    return [key, ...this.spelling.alternatives(key)].find((name) => this.tensors.has(name));
  }

  private missing(key: string): never {
    const names = [...this.tensors.keys()];
    const message = `the weights have no ${describe(key)}, which config.json asks for`;
    throw new FileError('missing', message, nameHint(key, names));
  }

  private contradiction(
    path: string,
    name: string,
    found: readonly number[],
    wanted: readonly number[],
  ): never {
    const odd = wanted.filter((dim, i) => dim !== found[i]);
    const { sizes } = this.config;
    const guilty = sizes.filter(({ value }) => odd.includes(value));
    const said = (guilty.length > 0 ? guilty : sizes).map(({ key, value }) => `${key} ${value}`);
    throw new GraphError(
      `${path}: ${describe(name)} is ${show(found)}, but config.json asks for ${show(wanted)}`,
      `config.json says ${[...new Set(said)].join(', ')}`,
    );
  }
}

const show = (shape: readonly number[]): string => shape.join('×') || 'one number';

/** Every tensor and its file: those of model.safetensors, else those of the shards of the index. */
function locateTensors(folder: ModelFolder): Map<string, Located> {
  const file = folder.openTensors(ONE_FILE);
  if (file) return new Map(file.names.map((name) => [name, { path: ONE_FILE, file }]));
  const index = readObject(folder, INDEX);
  if (index) return locateShards(folder, index.weight_map);
  const message = `the folder has neither ${ONE_FILE} nor ${INDEX}`;
  throw new FileError('missing', message, 'weights in another form must be saved as safetensors');
}

function locateShards(folder: ModelFolder, map: unknown): Map<string, Located> {
  if (!isObject(map)) throw new FileError('malformed', `${INDEX}: there is no weight_map`);
  const tensors = new Map<string, Located>();
  for (const path of new Set(Object.values(map))) {
    if (typeof path !== 'string') {
      throw new FileError('malformed', `${INDEX}: weight_map names ${describe(path)} as a file`);
    }
    const file = folder.openTensors(path);
    if (!file)
      throw new FileError('missing', `${path}: ${INDEX} names this file, but it is missing`);
    for (const name of file.names) {
      if (map[name] !== path) {
        const said =
          map[name] === undefined ? 'leaves it out' : `puts it in ${describe(map[name])}`;
        throw new FileError(
          'malformed',
          `${path}: ${describe(name)} is here, but ${INDEX} ${said}`,
        );
      }
      tensors.set(name, { path, file });
    }
  }
  const lost = Object.keys(map).find((name) => !tensors.has(name));
  if (lost === undefined) return tensors;
  throw new FileError('missing', `${String(map[lost])}: there is no tensor ${describe(lost)}`);
}
