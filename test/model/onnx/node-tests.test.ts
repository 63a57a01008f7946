/** The node tests of ONNX, through the reference evaluator. */
import { describe, expect, it } from 'vitest';
import { evaluateGraph } from '../../../src/reference/graph.ts';
import { referenceInputs } from '../../support/onnx-run.ts';
import type { Evaluate } from '../../support/onnx-cases.ts';
import { HAS_NODE_TESTS, nodeTestTable, runNodeTests } from '../../support/onnx-cases.ts';

const reference: Evaluate = (graph, inputs) => evaluateGraph(graph, referenceInputs(inputs));

describe.skipIf(!HAS_NODE_TESTS)('node tests of ONNX (skipped where the suite is absent)', () => {
  it('are right but for sequences, which are no tensors', () => {
    const tests = runNodeTests(reference);
    const wrong = tests.filter(({ failure }) => failure !== undefined);
    expect(tests.length).toBe(210);
    expect(
      wrong.map(({ name }) => name),
      nodeTestTable(tests),
    ).toEqual(['test_split_to_sequence_1']);
  });
});
