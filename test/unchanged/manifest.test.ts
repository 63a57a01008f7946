/** Programs show what the manifest says; the whole of it is for `npm run unchanged`. */
import { describe, expect, it } from 'vitest';
import { SOME_MACHINES, differences, manifestRows, programRows } from './manifest.ts';

describe('the manifest', () => {
  it('says what every program shows on a machine of each kind', () => {
    const rows = programRows(SOME_MACHINES);
    const names = SOME_MACHINES.map(({ name }) => name);
    const known = manifestRows().filter((row) => {
      const [program, machine] = row.split(' ');
      return program!.endsWith('.lasm') && names.includes(machine!);
    });
    expect(rows.length).toBeGreaterThanOrEqual(100);
    expect(differences(known, rows)).toEqual([]);
  });

  it('is sorted, a line for each program and machine', () => {
    const rows = manifestRows();
    expect(rows).toEqual(rows.toSorted());
    const keys = rows.map((row) => row.split(' ').slice(0, 2).join(' '));
    expect(new Set(keys).size).toBe(rows.length);
  });
});

describe('differences', () => {
  const row = 'a.lasm classic5 cycles=27 values=00';

  it('are none of equal lines', () => {
    expect(differences([row], [row])).toEqual([]);
  });

  it('name the program, the machine and what has changed', () => {
    const other = row.replace('27', '28');
    expect(differences([row], [other])).toEqual(['a.lasm classic5: cycles=27 → cycles=28']);
  });

  it('are lines that came or went', () => {
    expect(differences([], [row])).toEqual(['a.lasm classic5: is new']);
    expect(differences([row], [])).toEqual(['a.lasm classic5: is gone']);
  });
});
