/** `npm run graphs` writes the models that are built by hand to programs/graphs/handmade/. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { handmadeFiles } from './index.ts';

const FOLDER = new URL('../../../programs/graphs/handmade/', import.meta.url);

mkdirSync(FOLDER, { recursive: true });
for (const [name, text] of handmadeFiles()) writeFileSync(new URL(name, FOLDER), text);
