/** `lasm generate MODEL`: text from a model on the simulated machine, and where its cycles went. */
import type { Command } from 'commander';
import type { Generated } from '../inference/generate.ts';
import { generate } from '../inference/generate.ts';
import type { Prompt } from '../inference/prompt.ts';
import { readPrompt } from '../inference/prompt.ts';
import type { LanguageSource } from '../inference/source.ts';
import { openSource } from '../inference/source.ts';
import { TextStream } from '../inference/text-stream.ts';
import type { Machine } from '../machine/machine.ts';
import { renderPhases } from '../reports/phases-text.ts';
import { Failure } from './failure.ts';
import { writeWhole } from './files.ts';
import { searchAndShow } from './generate-beams.ts';
import { generatedJson } from './generate-json.ts';
import type { GenerateFlags } from './generate-options.ts';
import { addGenerateOptions, levelOf, maxNewTokensOf, promptOf, samplingOf } from './generate-options.ts'; // prettier-ignore
import { modelFailure } from './load.ts';
import { machineFor } from './machines.ts';
import { errorTerminal, jsonText, outputWidth, print, wantsColour, write } from './output.ts';
import { progressListener } from './progress.ts';
import { printFailures } from './run-result.ts';
