/** Numbers and tables as text; the same on every host, so nothing here asks for a locale. */

/** `12,345`. */
export function grouped(value: number): string {
  return value.toFixed(0).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1,234.57`. */
export function decimal(value: number, digits: number): string {
  const [whole, fraction] = value.toFixed(digits).split('.') as [string, string];
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction}`;
}

/** `38.4 %`, of a number that is one already. */
export function percent(value: number): string {
  return `${decimal(value, 1)} %`;
}

/** `1 cycle`, `2,115 cycles`. */
export function plural(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

const GAP = '   ';

/** A table with its titles as first line; every line begins with two spaces and has no trailing ones. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const cells = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => (row[i] ?? '').length)));
  return cells.map((row) => {
    const padded = columns.map(({ align }, i) => {
      const text = row[i] ?? '';
      return align === 'left' ? text.padEnd(widths[i]!) : text.padStart(widths[i]!);
    });
    return `  ${padded.join(GAP)}`.trimEnd();
  });
}

/** At most `width` characters. */
export function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 2))}..`;
}

/** Words in lines of at most `width` characters. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** A wrapped text as an item of a list. */
export function bullet(text: string, width: number): string[] {
  return wrap(text, width - 4).map((line, i) => (i === 0 ? '  - ' : '    ') + line);
}
