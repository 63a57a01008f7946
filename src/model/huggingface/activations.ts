/** The names that config.json gives activations, and the operators they are. */
import type { Config } from './config.ts';

/** Source: `ACT2FN` of transformers, activations.py. */
const OPERATORS: Readonly<Record<string, string>> = {
  gelu: 'gelu',
  gelu_python: 'gelu',
  gelu_new: 'gelu_tanh',
  gelu_fast: 'gelu_tanh',
  gelu_pytorch_tanh: 'gelu_tanh',
  gelu_python_tanh: 'gelu_tanh',
  relu: 'relu',
  silu: 'silu',
  swish: 'silu',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
};

/** The operator of the activation that a key names; throws FileError 'unsupported'. */
export function activationOf(config: Config, key: string, byDefault: string): string {
  const operator = operatorNamed(config.text(key, byDefault));
  return operator ?? config.unsupported(key, `there are ${Object.keys(OPERATORS).join(', ')}`);
}

/** The operator of an activation; undefined when it is not known. */
export function operatorNamed(name: string): string | undefined {
  return Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
}
