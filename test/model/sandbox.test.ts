/** The sandbox: what it reads, what it keeps, and every way out of it that is closed. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realFolder, withFile } from '../../src/model/file-inside.ts';
import { formatNpy } from '../../src/model/npy.ts';
import type { Folder } from '../../src/model/sandbox.ts';
import { openFolder } from '../../src/model/sandbox.ts';
import type { Complaint } from './support.ts';
import { expectComplaint, fileErrorOf, safetensorsBytes, sliceByIndex } from './support.ts';

const MATRIX = { dtype: 'i32', shape: [2, 3], data: Int32Array.of(1, 2, 3, 4, 5, 6) } as const;

const bytesNamed = (names: readonly string[]): Uint8Array => {
  const entries = names.map((name, i) => [
    name,
    { dtype: 'U8', shape: [1], data_offsets: [i, i + 1] },
  ]);
  return safetensorsBytes(Object.fromEntries(entries) as object, Uint8Array.from(names.keys()));
};

let base: string;
let root: string;
let folder: Folder;

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'lasm-sandbox-'));
  root = join(base, 'inside');
  mkdirSync(join(root, 'sub'), { recursive: true });
  mkdirSync(join(base, 'inside-not'));
  writeFileSync(join(base, 'secret.txt'), 'secret');
  writeFileSync(join(base, 'inside-not', 'secret.txt'), 'secret');
  writeFileSync(join(root, 'hello.txt'), 'héllo\n');
  writeFileSync(join(root, '..odd.txt'), 'odd');
  writeFileSync(join(root, 'latin1.txt'), Uint8Array.of(0x68, 0xe9));
  writeFileSync(join(root, 'sub', 'w.npy'), formatNpy(MATRIX));
  writeFileSync(join(root, 'broken.npy'), 'x');
  writeFileSync(join(root, 'one.safetensors'), bytesNamed(['only']));
  writeFileSync(join(root, 'two.safetensors'), bytesNamed(['first', 'second']));
  writeFileSync(join(root, 'big.npy'), '');
  truncateSync(join(root, 'big.npy'), 2 ** 30 + 1);
  writeFileSync(join(root, 'big.txt'), '');
  truncateSync(join(root, 'big.txt'), 2 ** 24 + 1);
  symlinkSync('sub/w.npy', join(root, 'link.npy'));
  symlinkSync('../secret.txt', join(root, 'leak.txt'));
  symlinkSync('..', join(root, 'up'));
  symlinkSync('/dev/zero', join(root, 'zero.txt'));
  symlinkSync('loop.txt', join(root, 'loop.txt'));
  symlinkSync('nowhere', join(root, 'dangling.txt'));
  execFileSync('mkfifo', [join(root, 'pipe.txt')]);
  folder = openFolder(root);
});

afterAll(() => {
  rmSync(base, { recursive: true });
});

describe('reading from a folder', () => {
  it('reads text and bytes', () => {
    expect(folder.readText('hello.txt')).toBe('héllo\n');
    expect(folder.readText('sub/../hello.txt')).toBe('héllo\n');
    expect(folder.readText('..odd.txt')).toBe('odd');
    expect([...folder.readBytes('broken.npy', 1)]).toEqual([0x78]);
  });

  it('reads .npy files, whole and sliced, through links that stay inside', () => {
    expect(folder.readTensor('sub/w.npy')).toEqual(MATRIX);
    expect(folder.readTensor('link.npy')).toEqual(MATRIX);
    // prettier-ignore
    const slice = [[0, 2], [1, 3]] as const;
    const part = folder.readTensor('sub/w.npy', undefined, slice);
    expect({ shape: part.shape, data: [...part.data] }).toEqual({
      shape: [2, 2],
      data: sliceByIndex(MATRIX, slice),
    });
    const floats = { dtype: 'f32', shape: [2], data: Float32Array.of(0.5, -0) } as const;
    writeFileSync(join(root, 'floats.npy'), formatNpy(floats));
    expect(folder.readTensor('floats.npy', undefined, [[1, 2]]).data).toEqual(Float32Array.of(-0));
  });

  it('reads .safetensors by name, and without one where there is no choice', () => {
    expect([...folder.readTensor('two.safetensors', 'second').data]).toEqual([1]);
    expect([...folder.readTensor('two.safetensors', 'first').data]).toEqual([0]);
    expect([...folder.readTensor('one.safetensors').data]).toEqual([0]);
  });

  it('reads a model of this project, a row at a time', () => {
    const models = openFolder(fileURLToPath(new URL('../../programs/models', import.meta.url)));
    const path = 'verse-llama/model.safetensors';
    const name = 'model.layers.0.self_attn.k_proj.weight';
    const whole = models.readTensor(path, name);
    expect(whole.shape).toEqual([32, 96]);
    for (const row of [0, 17, 31]) {
      const read = models.readTensor(path, name, [[row, row + 1]]);
      expect(read.data).toEqual(whole.data.subarray(row * 96, (row + 1) * 96));
    }
  });

  it('notices that a .safetensors file changed', () => {
    writeFileSync(join(root, 'changing.safetensors'), bytesNamed(['old']));
    expect(folder.readTensor('changing.safetensors', 'old').shape).toEqual([1]);
    writeFileSync(join(root, 'changing.safetensors'), bytesNamed(['x', 'newer']));
    expect([...folder.readTensor('changing.safetensors', 'newer').data]).toEqual([1]);
    expectComplaint(() => folder.readTensor('changing.safetensors', 'old'), {
      code: 'missing',
      message: /^changing.safetensors: there is no tensor "old"$/,
    });
  });

  it('takes a root that is itself a link', () => {
    symlinkSync('inside', join(base, 'root-link'));
    expect(openFolder(join(base, 'root-link')).readText('hello.txt')).toBe('héllo\n');
  });

  it('keeps to the limits it is given', () => {
    const small = openFolder(root, { textBytes: 6, tensorBytes: 10 });
    expectComplaint(() => small.readText('hello.txt'), {
      code: 'too-large',
      message: /^hello.txt: the file has 7 bytes, above the limit of 6$/,
    });
    expectComplaint(() => small.readTensor('sub/w.npy'), {
      code: 'too-large',
      message: /limit of 10/,
    });
  });
});

describe('what the sandbox refuses', () => {
  const text = (path: string) => (): unknown => folder.readText(path);
  const tensor = (path: string, name?: string) => (): unknown => folder.readTensor(path, name);
  const outside = (message: RegExp): Complaint => ({ code: 'outside', message });
  const malformed = (message: RegExp): Complaint => ({ code: 'malformed', message });
  const missing = (message: RegExp): Complaint => ({ code: 'missing', message });

  const cases: Record<string, [() => unknown, Complaint]> = {
    'an absolute path': [text('/etc/passwd'), outside(/^\/etc\/passwd: the path is absolute$/)],
    'an absolute path of Windows': [text('C:\\secret.txt'), outside(/the path is absolute/)],
    'the parent': [text('../secret.txt'), outside(/^..\/secret.txt: the path leads out/)],
    'the parent by a detour': [text('sub/../../secret.txt'), outside(/the path leads out/)],
    'a neighbour with the same beginning': [text('../inside-not/secret.txt'), outside(/leads out/)],
    'the folder above': [text('..'), outside(/the path leads out/)],
    'a file outside that does not exist': [text('../nothing.txt'), outside(/the path leads out/)],
    'a link that leads out': [text('leak.txt'), outside(/a symbolic link leads out/)],
    'a folder link that leads out': [text('up/secret.txt'), outside(/a symbolic link leads out/)],
    'a link to a device': [text('zero.txt'), outside(/a symbolic link leads out/)],
    'a link to itself': [
      text('loop.txt'),
      malformed(/^loop.txt: the file cannot be read \(ELOOP\)/),
    ],
    'a link to nothing': [text('dangling.txt'), missing(/there is no such file/)],
    'a named pipe': [text('pipe.txt'), malformed(/^pipe.txt: not a regular file/)],
    'a folder': [text('sub'), malformed(/^sub: this is a directory/)],
    'the root': [text('.'), malformed(/^.: this is a directory/)],
    'no path': [text(''), malformed(/this is a directory/)],
    'a zero byte': [text('hello.txt\0'), malformed(/zero byte/)],
    'a path through a file': [text('hello.txt/x'), missing(/there is no such file/)],
    'text that is not UTF-8': [text('latin1.txt'), malformed(/^latin1.txt: the text is not UTF-8/)],
    'text above 16 MiB': [text('big.txt'), { code: 'too-large', message: /limit of 16777216/ }],
    'a tensor above 1 GiB': [
      tensor('big.npy'),
      { code: 'too-large', message: /limit of 1073741824/ },
    ],
    'a broken tensor': [tensor('broken.npy'), malformed(/^broken.npy: the file does not start as/)],
    'a tensor in a text': [
      tensor('hello.txt'),
      { code: 'unsupported', message: /extension ".txt"/, hint: /use .npy or .safetensors/ },
    ],
    'a name in a .npy file': [
      tensor('sub/w.npy', 'w'),
      { code: 'unsupported', message: /a .npy file has no tensor names, such as "w"/ },
    ],
    'no name where there are two': [
      tensor('two.safetensors'),
      { ...missing(/the file holds 2 tensors, and none is named/), hint: /"first", "second"/ },
    ],
    'a misspelt file': [
      text('helo.txt'),
      { ...missing(/^helo.txt: there is no such file/), hint: /^did you mean "hello.txt"\?$/ },
    ],
    'a file in a missing folder': [text('nowhere/hello.txt'), missing(/there is no such file/)],
    'a missing root': [
      (): unknown => openFolder(join(base, 'nowhere')),
      missing(/nowhere: there is no such file/),
    ],
  };

  it.each(Object.entries(cases))('refuses %s', (_, [read, complaint]) => {
    expectComplaint(read, complaint);
  });

  it('refuses a name that is longer than the file system allows', () => {
    const { code, message } = fileErrorOf(text('x'.repeat(5000)));
    expect({ code, message: message.slice(5000) }).toEqual({
      code: 'malformed',
      message: ': the file cannot be read (ENAMETOOLONG)',
    });
  });

  it('refuses a file that becomes shorter while it is read', () => {
    const path = join(root, 'shrinking.bin');
    writeFileSync(path, 'four');
    const read = (): unknown =>
      withFile(realFolder(root), 'shrinking.bin', 4, (file) => {
        truncateSync(path, 2);
        return file.read(0, file.size);
      });
    expectComplaint(read, malformed(/^shrinking.bin: the file became shorter while it was read$/));
  });

  it("lets an error of the caller's own code pass unchanged", () => {
    const ours = new RangeError('ours');
    const read = (): unknown =>
      withFile(realFolder(root), 'hello.txt', 100, () => {
        throw ours;
      });
    expect(read).toThrow(ours);
  });
});
