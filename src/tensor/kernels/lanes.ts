/** The order of every row sum: sixteen float32 lanes, then a fixed tree. */

/** Element i of a row is added to lane i mod LANES. */
export const LANES = 16;

const lanes = new Float32Array(LANES);

/**
 * The float32 sum of `data[start … start + count − 1]` in the lane order; +0 when `count` is 0.
 *
 * Each lane starts at +0 and adds its elements in ascending order; lanes j and j + 8 are then added, then
 * j and j + 4, + 2, + 1. Elements that are +0 change no lane, so masked columns need not be visited.
 */
export function laneSum(data: Float32Array, start: number, count: number): number {
  lanes.fill(0);
  for (let i = 0; i < count; i++) lanes[i % LANES] += data[start + i];
  return foldLanes();
}

/** The sum of f32(d · d) with d = f32(x − centre) over a row, in the order of `laneSum`. */
export function laneSumOfSquares(
  data: Float32Array,
  start: number,
  count: number,
  centre: number,
): number {
  lanes.fill(0);
  for (let i = 0; i < count; i++) {
    const d = Math.fround(data[start + i] - centre);
    lanes[i % LANES] += Math.fround(d * d);
  }
  return foldLanes();
}

/** Adds the lanes as a tree. Each `+=` rounds to float32 when it is stored. */
function foldLanes(): number {
  for (let half = LANES / 2; half >= 1; half /= 2) {
    for (let j = 0; j < half; j++) lanes[j] += lanes[j + half];
  }
  return lanes[0];
}
